import type { StartOrder } from "../../src/providers/start.ts";
import { accountOf } from "./poll-over-http.ts";

/** An order of an invented merchant. */
export function orderOf(over: Partial<StartOrder>): StartOrder {
  const { credentials, callbackUrls, ...rest } = over;
  return {
    ...accountOf({ ...(credentials && { credentials }), ...(callbackUrls && { callbackUrls }) }),
    kind: "checkout",
    id: "8917c345-4791-4285-a416-62f24b6982db",
    reference: "INV-77",
    amount: { minor: 5000n, currency: "UGX" },
    phone: "+256772123456",
    account: null,
    description: "Rent May",
    reverses: null,
    options: {},
    ...rest,
  };
}
