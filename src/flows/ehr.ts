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
}

/** answered: an HTTP status came, whatever it is. broken: no answer; the hospital may or may not have it. */
export type EhrResponse =
  | {
      readonly kind: 'answered';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Parsed JSON; undefined where the body is none. */
      readonly body: unknown;
    }
  | { readonly kind: 'broken'; readonly reason: 'timeout' | 'connection' | 'too-large' | 'redirect' | 'not-json' };

export type CallEhr = (request: EhrRequest) => Promise<EhrResponse>;
