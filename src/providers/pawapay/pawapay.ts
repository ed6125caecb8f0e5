import { currencyIn } from "../kit/country.ts";
import type { Provider } from "../provider.ts";
import { channelOf } from "./channel.ts";
import { keys } from "./keys.ts";
import { dateFormats } from "./payment.ts";
import { identityOfPawapay } from "./products.ts";
import { verifySignature } from "./signature.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";

/** Wallets of some forty operators in twenty countries. See MAPPING.md. */
export const pawapay: Provider = {
  id: "pawapay",
  name: "pawaPay",
  credentials: [{ name: "api_token", secret: true, means: "the API token of the dashboard" }],
  channels: { deposits: channelOf("deposits"), payouts: channelOf("payouts"), refunds: channelOf("refunds") },
  kinds: ["checkout", "payment", "mobile_payout", "reversal"],
  identity: identityOfPawapay,
  refs: ["deposit_id", "payout_id", "refund_id"],
  currency: connection => currencyIn(connection, ""),
  dateFormats,
  verify: (callback, _credentials, published) => verifySignature(callback, published),
  // Signing is switched on in the dashboard: where it is not, a callback is as good as none, and makes Hakika poll.
  withoutProof: "poll",
  keys,
  baseUrls: { sandbox: "https://api.sandbox.pawapay.io", production: "https://api.pawapay.io" },
  token: null,
  status,
  pull: null,
  register: null,
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
