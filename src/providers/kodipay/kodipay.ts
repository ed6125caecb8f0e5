import type { Provider } from "../provider.ts";
import { callbacks, identityOfKodipay } from "./callbacks.ts";
import { dateFormats } from "./payment.ts";
import { start } from "./start.ts";
import { status } from "./status.ts";
import { token } from "./token.ts";

export const kodipay: Provider = {
  id: "kodipay",
  name: "KODIPAY",
  credentials: [
    { name: "client_id", secret: false, means: "the OAuth client of the merchant account" },
    { name: "client_secret", secret: true, means: "the OAuth client's secret" },
  ],
  channels: { callbacks },
  kinds: ["checkout", "payment"],
  identity: (_kind, refs) => identityOfKodipay(refs),
  refs: ["order_number"],
  dateFormats,
  baseUrls: { sandbox: "https://api-kodipay.kodinet.cd", production: "https://api-kodipay.kodinet.cd" },
  token,
  status,
  pull: null,
  register: null,
  start,
  simulator: async () => (await import("./simulator/simulator.ts")).simulator,
};
