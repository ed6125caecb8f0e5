import type { ProviderConnection } from "../call.ts";
import { fieldsOf } from "../kit/fields.ts";
import { keyOf } from "../kit/key.ts";
import { collectProblems, unreadable } from "../kit/problems.ts";
import { jsonReply } from "../kit/reply.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { Channel, Reading } from "../provider.ts";
import { findingOf } from "./payment.ts";
import { type PawapayProduct, productIn, products } from "./products.ts";

/** Final news of one product. Every object gets the accepted answer: pawaPay wants 200. */
export function channelOf(product: PawapayProduct): Channel {
  return {
    forms: false,
    key(body) {
      const field = fieldsOf(paymentIn(body));
      return keyOf(idOf(field(products[product].id)), textOf(field("status"))?.toUpperCase() ?? null);
    },
    read: (body, _callback, connection) => readCallback(product, body, connection),
    recognizes: body => productIn(body) === product,
    accepted: () => jsonReply({ status: "accepted" }),
    unreadable: null,
  };
}

function readCallback(product: PawapayProduct, body: Record<string, unknown>, connection: ProviderConnection): Reading {
  const found = productIn(body);
  if (found !== null && found !== product) return unreadable(products[product].id, "required");
  const payment = paymentIn(body);
  if (payment === undefined) return { kind: "ignored", reason: "a checkout that was never paid" };
  const problems = collectProblems();
  const finding = findingOf(product, products[product].kind, payment, problems, connection);
  return problems.found() ?? { kind: "evidence", findings: [finding] };
}

/** A checkout's callback has its deposit inside, where there was one [doc]. */
function paymentIn(body: Record<string, unknown>): unknown {
  const field = fieldsOf(body);
  return field("checkoutId") === undefined ? body : field("deposit");
}
