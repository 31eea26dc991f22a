/** Values of user tokens by the names of the tokens. */
export type AuthTokens = Record<string, string>;

/** What `boot` is given; each name may also be written in camelCase. Other attributes are not sent. */
export interface BootSettings {
  /** The workspace's, as the Messenger page of Latchkey shows it. */
  app_id?: string;
  appId?: string;
  /** What your system knows the customer by; with a JWT it may come from there alone. */
  user_id?: string | number;
  userId?: string | number;
  email?: string | null;
  name?: string | null;
  /** Unix seconds, RFC 3339, or a date. */
  created_at?: number | string | Date | null;
  createdAt?: number | string | Date | null;
  /** Tokens that are not named stay as they are. */
  auth_tokens?: AuthTokens | null;
  authTokens?: AuthTokens | null;
  /** Signed by your server with HS256, where the Messenger asks for it. */
  intercom_user_jwt?: string;
  intercomUserJwt?: string;
  /** HMAC-SHA256 of the `user_id`, made by your server, where the Messenger asks for it. */
  user_hash?: string;
  userHash?: string;
  /** Where the Messenger is, when this file was not loaded from there: a loopback address. */
  api_base?: string;
  apiBase?: string;
}

/** What `update` is given. What it leaves out stays as it is; an empty email or name removes it. */
export type UpdateSettings = Pick<
  BootSettings,
  'app_id' | 'appId' | 'user_id' | 'userId' | 'email' | 'name' | 'auth_tokens' | 'authTokens'
>;

/** What became of a call. */
export interface MessengerResult {
  /** The customer. */
  userId: string;
  /** The names of the tokens whose values were stored by this call. */
  stored: string[];
}

/** Called once: with the error, or with `null` and the result. */
export type Callback<Result = MessengerResult> = (error: MessengerError | null, result?: Result) => void;

export type MessengerErrorCode =
  // Of this SDK.
  | 'address_missing'
  | 'not_booted'
  | 'unexpected_answer'
  | 'unknown_method'
  | 'unreachable'
  // Of the Messenger.
  | 'identity_expired'
  | 'identity_missing'
  | 'identity_refused'
  | 'interrupted'
  | 'invalid_field'
  | 'invalid_json'
  | 'method_not_allowed'
  | 'not_found'
  | 'origin_missing'
  | 'origin_not_allowed'
  | 'rate_limited'
  | 'session_ended'
  | 'session_missing'
  | 'too_large'
  | 'unknown_tokens'
  | 'wrong_app_id'
  | 'wrong_host';

/** Why a call failed, as a sentence, and what to do next. */
export declare class MessengerError extends Error {
  private constructor();
  readonly name: 'MessengerError';
  readonly code: MessengerErrorCode;
  readonly nextStep: string;
  /** The field that it is about. */
  readonly field: string | undefined;
  /** The names of tokens that were refused (`unknown_tokens`). */
  readonly keys: string[];
  /** The names of tokens that were stored all the same (`unknown_tokens`). */
  readonly stored: string[];
  /** The HTTP status of the answer; 0 when there was none. */
  readonly status: number;
}

/**
 * Opens a session for this customer; whoever was booted before is not any more, also when it fails. With unknown names
 * among the tokens it fails as `unknown_tokens`, but the others are stored and the session is open.
 */
export declare function boot(settings: BootSettings, callback?: Callback): Promise<MessengerResult>;

/** Changes email, name or tokens of the customer who is booted. */
export declare function update(settings: UpdateSettings, callback?: Callback): Promise<MessengerResult>;

/** Sets tokens of the customer who is booted: the next execution for them sends the new value. */
export declare function setAuthTokens(tokens: AuthTokens, callback?: Callback): Promise<MessengerResult>;

/** Ends the session. The tokens stay stored. */
export declare function shutdown(callback?: Callback<void>): Promise<void>;

/** The four calls by their names, as the classic script has them in `window.Intercom`. */
export interface Intercom {
  (method: 'boot', settings: BootSettings, callback?: Callback): Promise<MessengerResult>;
  (method: 'update', settings: UpdateSettings, callback?: Callback): Promise<MessengerResult>;
  (method: 'setAuthTokens', tokens: AuthTokens, callback?: Callback): Promise<MessengerResult>;
  (method: 'shutdown', callback?: Callback<void>): Promise<void>;
  readonly MessengerError: typeof MessengerError;
}

declare const Intercom: Intercom;
export default Intercom;

declare global {
  interface Window {
    Intercom: Intercom;
    /** Only `api_base` of it is read; nothing boots by itself. */
    intercomSettings?: { api_base?: string };
  }
}
