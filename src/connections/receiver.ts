import type { Channel, FieldProblem, Provider } from "../providers/provider.ts";
import type { Connection } from "./connection.ts";

const shownCharsMax = 100;

/** A callback for another receiver: the receiver as it is compared, and the problem at the field that names it. */
export type WrongReceiver = { receiver: string; problem: FieldProblem };

type Receiving = Pick<Connection, "credentials" | "settings">;

/**
 * Who may receive money on a connection, as names are compared: its credentials (Provider.receiver) and
 * `settings.receivers`. Null where it names none: then callbacks for any receiver are its own.
 */
export function receiversOf(provider: Pick<Provider, "receiver">, connection: Receiving): ReadonlySet<string> | null {
  const names = shownReceivers(provider, connection).map(comparable);
  return names.length === 0 ? null : new Set(names);
}

/**
 * Whether a callback names a receiver other than its connection's; null where it does not, or names none. Only shapes
 * are compared here: what counts of the callback is decided by its verification.
 */
export function wrongReceiverOf(
  provider: Pick<Provider, "receiver">,
  channel: Pick<Channel, "receiver">,
  body: Record<string, unknown>,
  connection: Receiving,
): WrongReceiver | null {
  const named = channel.receiver?.(body);
  const receiver = named ? comparable(named.value) : "";
  if (!named || receiver === "") return null;
  const own = receiversOf(provider, connection);
  if (own === null || own.has(receiver)) return null;
  const shown = named.value.trim().slice(0, shownCharsMax);
  const ours = shownReceivers(provider, connection).join(", ").slice(0, shownCharsMax);
  const message =
    `names receiver ${shown}, and this connection's is ${ours}: ` +
    "if both are yours, add it to settings.receivers, and the callback is read again";
  return { receiver, problem: { path: named.path, message } };
}

/**
 * The receivers that are right after a change and were wrong before: callbacks for them are read again. `any` where the
 * connection no longer names one.
 */
export function newReceivers(
  provider: Pick<Provider, "receiver">,
  before: Receiving,
  after: Receiving,
): string[] | "any" {
  const [earlier, now] = [receiversOf(provider, before), receiversOf(provider, after)];
  if (now === null) return earlier === null ? [] : "any";
  return earlier === null ? [] : [...now].filter(receiver => !earlier.has(receiver));
}

function shownReceivers({ receiver = [] }: Pick<Provider, "receiver">, { credentials, settings }: Receiving): string[] {
  return [...receiver.map(name => credentials[name] ?? ""), ...(settings.receivers ?? [])]
    .map(name => name.trim())
    .filter(name => name !== "");
}

/** Trimmed and without regard to letter case, as long as a column holds it. */
function comparable(receiver: string): string {
  return receiver.trim().toLowerCase().slice(0, 200);
}
