import type { Kind, ProviderRefs } from "../../domain/kinds.ts";
import type { Money } from "../../domain/money.ts";
import { parsePhone } from "../../domain/phone.ts";
import { currencyOf } from "../../providers/names.ts";
import type { ProviderAccount } from "../../reconcile/calls/provider-account.ts";
import type { Order } from "../../start/order.ts";
import { type FieldError, invalid, type ProblemDetails } from "../problem.ts";
import { metadataErrors, readMoney } from "../transactions/registration-input.ts";
import { needsAmount, type ReversalInput, type StartInput } from "./start-input.ts";

/** Of a reversal: the payment to give back. */
export type Reversed = { refs: ProviderRefs; amount: Money | null; reference: string };

type ReadInput = (StartInput | (ReversalInput & { reference: string })) & { phone?: unknown; account?: unknown };

/** Checks an order as far as that needs no provider: money, phone, time, metadata. */
export function readOrder(
  input: ReadInput,
  account: ProviderAccount,
  routeKinds: readonly Kind[],
  { now, reversed }: { now: Date; reversed: Reversed | null },
): { kind: "order"; order: Order } | ProblemDetails {
  const { provider, connection } = account;
  const kind = kindOf(input.kind ?? null, account, routeKinds);
  if (kind === null) return invalid([{ path: "kind", message: `is required: one of ${routeKinds.join(", ")}` }]);
  const money = readMoney(input, provider, currencyOf(provider, connection));
  const amount = money.amount ?? reversed?.amount ?? null;
  const typedPhone = input.phone ?? null;
  const phone = typedPhone === null ? null : parsePhone(typedPhone, connection.settings.country);
  const expiresAt = input.expires_at ?? null;
  const metadata = input.metadata ?? {};
  const [first, ...rest]: FieldError[] = [
    ...money.errors,
    ...(amount === null && money.errors.length === 0 && needsAmount(kind)
      ? [{ path: "amount", message: "is required" }]
      : []),
    ...reversalErrors(money.amount, reversed),
    ...(typedPhone !== null && phone === null
      ? [{ path: "phone", message: "is not a phone number: send all of it, such as +254700000001" }]
      : []),
    ...(expiresAt !== null && expiresAt <= now ? [{ path: "expires_at", message: "must be in the future" }] : []),
    ...metadataErrors(metadata),
  ];
  if (first !== undefined) return invalid([first, ...rest]);
  return {
    kind: "order",
    order: {
      kind,
      reference: input.reference,
      amount: needsAmount(kind) ? amount : null,
      phone,
      account: typeof input.account === "string" ? input.account : null,
      description: input.description ?? null,
      reverses: reversed?.refs ?? null,
      options: input.options ?? {},
      metadata,
      expiresAt,
      again: input.again ?? false,
    },
  };
}

/** The kind that was named, else the only one of the route's that the provider starts. */
function kindOf(named: Kind | null, { provider }: ProviderAccount, routeKinds: readonly Kind[]): Kind | null {
  if (named !== null) return named;
  const startable = routeKinds.filter(kind => provider.start?.kinds[kind] !== undefined);
  return startable.length === 1 || routeKinds.length === 1 ? (startable[0] ?? routeKinds[0]!) : null;
}

function reversalErrors(amount: Money | null, reversed: Reversed | null): FieldError[] {
  if (amount === null || !reversed?.amount) return [];
  if (amount.currency !== reversed.amount.currency) {
    return [{ path: "currency", message: `is not the payment's, which was in ${reversed.amount.currency}` }];
  }
  return amount.minor > reversed.amount.minor ? [{ path: "amount", message: "is more than was paid" }] : [];
}
