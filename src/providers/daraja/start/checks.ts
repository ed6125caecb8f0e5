import { formatMoney } from "../../../domain/money.ts";
import type { FieldProblem } from "../../provider.ts";
import type { StartOrder, StartRequest } from "../../start.ts";
import { urlProblem } from "../callback-url-rules.ts";
import { securityCredential } from "../security-credential.ts";

/** Of one transaction of a consumer, in KES. Source: Safaricom's tariff, checked 2026-11-30. */
export const consumerMax = 250_000;

/** Gathers what Daraja would refuse, before anything is sent. */
export function createChecks(order: StartOrder) {
  const problems: FieldProblem[] = [];
  const add = (path: string, message: string) => void problems.push({ path, message });
  return {
    add,
    /** M-Pesa moves whole shillings. */
    amount(max: number | null): number {
      const { amount } = order;
      if (amount === null) add("amount", "is required");
      else if (amount.currency !== "KES") add("currency", "must be KES");
      else if (amount.minor < 100n || amount.minor % 100n !== 0n) add("amount", "must be whole shillings, 1 at least");
      else if (max !== null && amount.minor > BigInt(max) * 100n) add("amount", `must be at most ${max}`);
      return amount === null ? 0 : Number(formatMoney(amount));
    },
    /** A Kenyan mobile number, as `2547XXXXXXXX`. */
    phone(): string {
      if (order.phone === null) add("phone", "is required: the wallet");
      else if (!/^\+254[17]\d{8}$/.test(order.phone)) {
        add("phone", "must be a Kenyan mobile number, such as +254700000001");
      }
      return order.phone?.slice(1) ?? "";
    },
    /** A short code, as text of 5 to 8 digits. */
    shortCode(path: string, value: unknown): string {
      const text = typeof value === "number" ? String(value) : value;
      if (typeof text === "string" && /^\d{5,8}$/.test(text.trim())) return text.trim();
      add(path, "must be a paybill or till number");
      return "";
    },
    /** One of the commands that Daraja knows for the call; the first where none is named. */
    command(names: readonly [string, ...string[]]): string {
      const named = order.options.command_id ?? names[0];
      if (typeof named === "string" && names.includes(named)) return named;
      add("options.command_id", `must be one of ${names.join(", ")}`);
      return "";
    },
    /** An option of text, cut at what Daraja takes; null where it is absent. */
    text(name: string): string | null {
      const value = order.options[name] ?? null;
      if (value === null || typeof value === "string") return value;
      add(`options.${name}`, "must be text");
      return null;
    },
    /** The callback URL of a channel; a problem where Daraja would refuse it. */
    callbackUrl(channel: string): string {
      const problem = urlProblem(channel, order.callbackUrls[channel], order.environment);
      if (problem !== null) add("connection_id", problem);
      return order.callbackUrls[channel] ?? "";
    },
    /** What a call that runs as an initiator has beside its own fields; its outcome comes to these URLs. */
    asInitiator() {
      const named = this.text("initiator_name");
      const credential = securityCredential(order.credentials);
      if (credential === null) add("connection_id", "the credential certificate cannot encrypt initiator_password");
      return {
        initiator: named ?? order.credentials.initiator_name,
        credential: credential ?? "",
        resultUrl: this.callbackUrl("result"),
        timeoutUrl: this.callbackUrl("timeout"),
      };
    },
    /** The call where nothing is wrong, else every problem. */
    request(made: () => Extract<StartRequest, { kind: "call" }>): StartRequest {
      const [first, ...rest] = problems;
      return first === undefined ? made() : { kind: "problems", problems: [first, ...rest] };
    },
  };
}

/** Remarks are cut, never refused: they say nothing that is compared. */
export function remarks({ description, reference }: StartOrder, charsMax: number): string {
  return (description ?? reference).replace(/\s+/g, " ").slice(0, charsMax).trim();
}
