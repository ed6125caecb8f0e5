import type { Ledger } from "../../../simulator/ledger.ts";
import type { Transmission } from "../../../simulator/post-callback.ts";
import type { RateLimit } from "../../../simulator/rate-limit.ts";
import type { SimulatedStarts } from "../../../simulator/starts.ts";
import type { SimulatedTokens } from "../../../simulator/tokens.ts";
import type { DarajaEntry } from "./callbacks.ts";
import type { Statement } from "./statement.ts";

export type DarajaOptions = {
  consumerKey?: string;
  consumerSecret?: string;
  shortcode?: string;
  passkey?: string;
  initiatorName?: string;
  /** Whether a SecurityCredential is right; all are by default. The third wrong one in a row locks the initiator. */
  isCredential?: (credential: string) => boolean;
  /** Of all calls but token requests. */
  limit?: RateLimit;
  tokenTtlS?: number;
  /** `expires_in` as text: number and text were both seen. */
  expiresInAsText?: boolean;
  /** How results of transaction status queries travel. */
  results?: Transmission;
  /** Rows of one page of a pull. */
  pageRows?: number;
  /** The version of C2B that the app has; both by default. */
  c2bVersion?: "v1" | "v2";
  /** As in production, where URLs are registered once. */
  registersOnce?: boolean;
};

type Defaulted = "consumerKey" | "consumerSecret" | "shortcode" | "passkey";

/** Everything one simulated Daraja remembers. */
export type DarajaState = {
  options: DarajaOptions & Required<Pick<DarajaOptions, Defaulted>>;
  ledger: Ledger<DarajaEntry>;
  tokens: SimulatedTokens;
  statements: Statement[];
  starts: SimulatedStarts;
  /** Orders that came, whatever became of them: ids are numbered by it. */
  started: number;
  /** Of the utility account, decimal text. */
  balance: string;
  /** The bodies of the URL registrations that were accepted. */
  registered: DarajaBody[];
  /** SecurityCredentials in a row that were wrong. */
  wrongCredentials: number;
};

export type DarajaBody = Record<string, unknown>;
