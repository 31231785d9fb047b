import { describe, expect, it } from 'vitest';
import { faultName, openLog } from '../../../src/io/log/log.ts';

function logged(write: (log: ReturnType<typeof openLog>) => void): string {
  const lines: string[] = [];
  write(openLog('debug', { write: (line) => void lines.push(line) }));
  return lines.join('');
}

describe('the log', () => {
  it('is one JSON line an event, with time and severity', () => {
    const line = JSON.parse(logged((log) => log.info('referral received', { referral: 'R-1', status: 201 })));
    expect(line).toMatchObject({ msg: 'referral received', referral: 'R-1', status: 201, level: 30 });
    expect(line.time).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('leaves out every name that it does not know, so that a patient cannot slip in', () => {
    const text = logged((log) => log.error('refused', { referral: 'R-1', patientName: 'Eve Example', note: 'x' }));
    expect(text).toContain('R-1');
    expect(text).not.toContain('Eve');
    expect(text).not.toContain('note');
  });

  it('tells of a fault its class and code and not its message', () => {
    expect(faultName(Object.assign(new TypeError('Eve Example'), { code: 'E_X' }))).toBe('TypeError E_X');
    expect(faultName(new RangeError('Eve Example'))).toBe('RangeError');
    expect(faultName('Eve Example')).toBe('string');
  });
});
