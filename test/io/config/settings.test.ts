import { describe, expect, it } from 'vitest';
import { isLoopback, readSettings } from '../../../src/io/config/settings.ts';

function faults(env: Record<string, string>): readonly string[] {
  const read = readSettings(env, '/opt/tactus');
  return read.ok ? [] : read.faults;
}

describe('the settings', () => {
  it('are complete without any: embedded database, loopback, all roles', () => {
    const read = readSettings({}, '/opt/tactus');
    expect(read).toMatchObject({
      ok: true,
      settings: {
        port: 8080,
        host: '127.0.0.1',
        databaseUrl: undefined,
        redisUrl: undefined,
        role: 'all',
        logLevel: 'info',
        publicUrl: 'http://127.0.0.1:8080',
        mappingsFolder: '/opt/tactus/mappings',
        profilesFolder: '/opt/tactus/profiles/generated',
        reload: false,
      },
    });
  });

  it('reload saved data only when told with 1', () => {
    const reloads = (value: string) => readSettings({ TACTUS_RELOAD: value }, '/opt/tactus');
    expect(reloads('1')).toMatchObject({ ok: true, settings: { reload: true } });
    expect(reloads('0')).toMatchObject({ ok: true, settings: { reload: false } });
  });

  it('take an empty value as unset', () => {
    expect(faults({ PORT: '', TACTUS_ROLE: ' ', DATABASE_URL: '' })).toEqual([]);
  });

  it.each([
    ['0', true],
    ['65535', true],
    ['65536', false],
    ['-1', false],
    ['80a', false],
    ['8.5', false],
  ])('PORT %s is taken: %s', (port, taken) => {
    expect(faults({ PORT: port }).length === 0).toBe(taken);
  });

  it('refuse to listen where others can read the tokens, and say what to do', () => {
    expect(faults({ HOST: '0.0.0.0' })).toEqual([expect.stringContaining('TACTUS_INSECURE_LISTEN=1')]);
    expect(faults({ HOST: '0.0.0.0', TACTUS_INSECURE_LISTEN: '1' })).toEqual([]);
    expect(faults({ HOST: '0.0.0.0', TACTUS_INSECURE_LISTEN: 'no' })).toHaveLength(1);
  });

  it.each([
    ['127.0.0.1', true],
    ['127.255.0.3', true],
    ['::1', true],
    ['localhost', true],
    ['128.0.0.1', false],
    ['127.evil.example', false],
    ['::', false],
    ['10.0.0.1', false],
  ])('%s is loopback: %s', (host, loopback) => {
    expect(isLoopback(host)).toBe(loopback);
  });

  it('tell all faults at once and never repeat a URL that may hold a password', () => {
    const told = faults({ PORT: 'x', TACTUS_ROLE: 'boss', LOG_LEVEL: 'loud', REDIS_URL: 'http://u:secret@h' });
    expect(told).toHaveLength(4);
    expect(told.join()).not.toContain('secret');
  });

  it('take the slash from the end of the public URL', () => {
    const read = readSettings({ TACTUS_PUBLIC_URL: 'https://massage.example/' }, '/opt/tactus');
    expect(read).toMatchObject({ settings: { publicUrl: 'https://massage.example' } });
  });
});
