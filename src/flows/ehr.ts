import type { Heard } from '../core/delivery/answer.ts';

/** One HTTP call to a hospital, as the flows ask for it. Implemented by io/ehr. */
export interface EhrRequest {
  readonly partner: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Below the partner's base URL, for example `Procedure` or `` for a transaction. */
  readonly path: string;
  readonly body?: unknown;
  readonly ifNoneExist?: string;
  readonly ifMatch?: string;
  readonly correlationId?: string;
  /** The whole call takes no longer; without it the client's own limit holds. */
  readonly timeoutMilliseconds?: number;
}

/** What came back, as core/delivery judges it. */
export type EhrResponse = Heard;

export type CallEhr = (request: EhrRequest) => Promise<EhrResponse>;
