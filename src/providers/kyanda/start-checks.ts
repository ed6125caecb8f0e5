import { formatMoney } from "../../domain/money.ts";
import { parsePhone } from "../../domain/phone.ts";
import type { FieldProblem } from "../provider.ts";
import type { StartOrder, StartRequest } from "../start.ts";

/** Gathers what Kyanda would refuse, before anything is sent. */
export function createChecks(order: StartOrder) {
  const problems: FieldProblem[] = [];
  const add = (path: string, message: string) => void problems.push({ path, message });
  const national = (phone: string | null, path: string): string => {
    if (phone !== null && /^\+254[17]\d{8}$/.test(phone)) return `0${phone.slice(4)}`;
    add(path, phone === null ? "is required" : "must be a Kenyan mobile number, such as +254700000001");
    return "";
  };
  const text = (name: string): string => {
    const value = order.options[name] ?? "";
    if (typeof value === "string" || typeof value === "number") return String(value).trim();
    add(`options.${name}`, "must be text");
    return "";
  };
  return {
    text,
    /** As text: whole shillings without decimals, as Kyanda's samples are. */
    amount(): string {
      const { amount } = order;
      if (amount === null) add("amount", "is required");
      else if (amount.currency !== "KES") add("currency", "must be KES");
      else if (amount.minor < 100n) add("amount", "must be at least 1");
      return amount === null ? "" : formatMoney(amount).replace(/\.00$/, "");
    },
    /** `07XXXXXXXX` [doc]. */
    phone: (): string => national(order.phone, "phone"),
    /** Who orders it: the option, else the order's phone. */
    initiatorPhone(): string {
      const named = text("initiator_phone");
      if (named === "") return national(order.phone, "options.initiator_phone");
      return national(parsePhone(named, "KE"), "options.initiator_phone");
    },
    account(what: string): string {
      if (order.account === null) add("account", `is required: ${what}`);
      return order.account ?? "";
    },
    /** One of the names; the first where none is given. */
    oneOf(name: string, value: unknown, names: readonly [string, ...string[]]): string {
      const given = (value ?? "") === "" ? names[0] : value;
      if (typeof given === "string" && names.includes(given.toUpperCase())) return given.toUpperCase();
      const exact = names.find(each => each === given);
      if (exact !== undefined) return exact;
      add(`options.${name}`, `must be one of ${names.join(", ")}`);
      return "";
    },
    matching(name: string, pattern: RegExp, message: string): string {
      const given = text(name);
      if (!pattern.test(given)) add(`options.${name}`, message);
      return given;
    },
    /** The call where nothing is wrong, else every problem. */
    request(made: () => Extract<StartRequest, { kind: "call" }>): StartRequest {
      const [first, ...rest] = problems;
      return first === undefined ? made() : { kind: "problems", problems: [first, ...rest] };
    },
  };
}
