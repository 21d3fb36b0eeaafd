import type { WallTime } from '../clock.ts';

/** What the API tells about itself; diagnosis counts and shows it. */
export type HttpEvent =
  | { readonly kind: 'http-listening'; readonly address: string; readonly port: number }
  /** A request that is not what the API allows; it was answered with 400 and had no effect. */
  | {
      readonly kind: 'http-malformed';
      readonly at: WallTime;
      /** Network address of whoever sent it. */
      readonly from: string;
      /** Method and path. */
      readonly request: string;
      readonly field: string;
      readonly fault: string;
      readonly remedy: string;
    }
  /** A login, or a use of the set-up code, that was turned down. */
  | {
      readonly kind: 'http-login-refused';
      readonly at: WallTime;
      readonly from: string;
      readonly why: 'wrong' | 'too-many-tries';
    }
  | { readonly kind: 'http-login'; readonly at: WallTime; readonly from: string; readonly account: string }
  /** The first password was set with the set-up code, or a password was replaced. */
  | { readonly kind: 'http-password-set'; readonly at: WallTime; readonly from: string; readonly account: string }
  /** Our own mistake; the request was answered with 500. */
  | { readonly kind: 'http-fault'; readonly at: WallTime; readonly request: string; readonly message: string };
