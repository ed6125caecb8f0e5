import { databaseTime } from "../database/clock.ts";
import type { ProviderRefs } from "../domain/kinds.ts";
import type { CallContext, ProviderCall } from "../providers/call.ts";
import { missingCredentials } from "../providers/can-poll.ts";
import type { FieldProblem, NonEmpty } from "../providers/provider.ts";
import type { StartCall, StartOrder } from "../providers/start.ts";
import { callContext, type ProviderAccount } from "../reconcile/calls/provider-account.ts";
import type { StartDeps } from "./start-deps.ts";

/** What a merchant wants started, checked as far as that needs no provider. */
export type Order = Omit<StartOrder, keyof CallContext | "id"> & {
  metadata: Record<string, unknown>;
  expiresAt: Date | null;
  /** Whether an unfinished start with its kind and reference is no obstacle. */
  again: boolean;
};

/** An order as the provider's folder turned it into a call; or why there is none. */
export type PreparedOrder =
  | { kind: "prepared"; order: Order; start: StartOrder; call: ProviderCall; refs: ProviderRefs; provider: StartCall }
  /** The connection lacks what the call needs; a sentence without secrets. */
  | { kind: "off"; detail: string }
  | { kind: "problems"; problems: NonEmpty<FieldProblem> };

/** Turns an order into the provider's call, and checks what only the provider's folder knows. Sends nothing. */
export async function prepareOrder(
  deps: Pick<StartDeps, "sql">,
  account: ProviderAccount,
  order: Order,
  orderId: string,
): Promise<PreparedOrder> {
  const { provider, connection } = account;
  const needs = provider.start?.kinds[order.kind];
  if (!provider.start || !needs) {
    const kinds = Object.keys(provider.start?.kinds ?? {}).join(", ") || "none";
    return one("kind", `cannot be started at ${provider.name}, which starts ${kinds}`);
  }
  const missing = missingCredentials(needs.credentials, connection.credentials);
  if (missing !== null) return { kind: "off", detail: `Starting ${order.kind} at ${provider.name} needs ${missing}.` };
  const [problem, ...problems] = optionProblems(order.options, needs.options);
  if (problem) return { kind: "problems", problems: [problem, ...problems] };
  const start: StartOrder = { ...callContext(account, await databaseTime(deps.sql)), id: orderId, ...order };
  const request = provider.start.request(start);
  if (request.kind === "problems") return request;
  const { call, refs } = request;
  return { kind: "prepared", order, start, call, refs, provider: provider.start };
}

function optionProblems(
  options: Readonly<Record<string, unknown>>,
  known: Readonly<Record<string, { required: boolean; means: string }>>,
): FieldProblem[] {
  const names = Object.keys(known);
  const isAbsent = (name: string) => options[name] === undefined || options[name] === null || options[name] === "";
  return [
    ...Object.keys(options)
      .filter(name => !Object.hasOwn(known, name))
      .map(name => ({
        path: `options.${name}`,
        message: `is not an option of this kind, which has ${names.join(", ") || "none"}`,
      })),
    ...names
      .filter(name => known[name]!.required && isAbsent(name))
      .map(name => ({ path: `options.${name}`, message: `is required: ${known[name]!.means}` })),
  ];
}

function one(path: string, message: string): PreparedOrder {
  return { kind: "problems", problems: [{ path, message }] };
}
