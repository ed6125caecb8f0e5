import { eastAfricaDigits } from "../../kit/east-africa-time.ts";
import { postJson } from "../../kit/post-json.ts";
import type { StartOrder, StartRequest } from "../../start.ts";
import { urlOfOrder } from "../own-id.ts";
import { consumerMax, createChecks, remarks } from "./checks.ts";

/** Of `AccountReference` and `TransactionDesc`. Source: Safaricom's documentation of the call, checked 2026-11-30. */
const accountCharsMax = 12;
const descriptionCharsMax = 13;

const commands = ["CustomerPayBillOnline", "CustomerBuyGoodsOnline"] as const;

/** `POST /mpesa/stkpush/v1/processrequest`: asks the payer on the phone. */
export function pushRequest(order: StartOrder): StartRequest {
  const { credentials, options, id, now } = order;
  const { shortcode = "", passkey = "" } = credentials;
  const checks = createChecks(order);
  const [amount, phone] = [checks.amount(consumerMax), checks.phone()];
  const command = checks.command(commands);
  const payee =
    options.short_code === undefined ? shortcode : checks.shortCode("options.short_code", options.short_code);
  const account = accountOf(order);
  if (account.length > accountCharsMax) checks.add("account", `must have at most ${accountCharsMax} characters`);
  const url = checks.callbackUrl("stk");
  return checks.request(() => {
    const timestamp = eastAfricaDigits(now);
    const body = {
      BusinessShortCode: shortcode,
      Password: Buffer.from(shortcode + passkey + timestamp).toString("base64"),
      Timestamp: timestamp,
      TransactionType: command,
      Amount: amount,
      PartyA: phone,
      PartyB: payee,
      PhoneNumber: phone,
      CallBackURL: urlOfOrder(url, id),
      AccountReference: account,
      TransactionDesc: remarks(order, descriptionCharsMax),
    };
    const call = postJson("/mpesa/stkpush/v1/processrequest", body, { auth: "bearer" });
    return { kind: "call", call, refs: { order_id: id } };
  });
}

/**
 * What the payer sees, and what a C2B confirmation names. A longer reference is not cut: its beginning may be another
 * order's, which the confirmation would then pay. It gets a name of its own instead.
 */
function accountOf({ account, reference, id }: StartOrder): string {
  if (account !== null) return account;
  return reference.length <= accountCharsMax
    ? reference
    : id.replaceAll("-", "").slice(0, accountCharsMax).toUpperCase();
}
