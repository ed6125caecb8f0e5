import { parseAmount } from "../../domain/money.ts";
import type { BalanceCall } from "../balance.ts";
import { currencyIn } from "../kit/country.ts";
import { fieldsOf } from "../kit/fields.ts";
import { postJson } from "../kit/post-json.ts";
import { jsonObjectOf, unavailable } from "../kit/response.ts";
import { refusedCall } from "../kit/said.ts";
import { callFailureIn } from "./call-failure.ts";
import { homeCountry, verdictOf } from "./payment.ts";
import { signatureOf } from "./signature.ts";

/** `POST /billing/v1/account-balance`, signed over the merchant's id: `Account_Bal` is told at once [doc]. */
export const balance: BalanceCall = {
  credentials: [["merchant_id", "api_key"]],
  async run(context, send) {
    const { credentials, now } = context;
    const merchantId = (credentials.merchant_id ?? "").trim();
    const body = { MerchantID: merchantId, signature: signatureOf(credentials, merchantId) };
    const headers = { apiKey: (credentials.api_key ?? "").trim() };
    const answer = await send(postJson("/billing/v1/account-balance", body, { headers }));
    if (answer.kind !== "answer") return answer;
    const field = fieldsOf(jsonObjectOf(answer));
    const failure = callFailureIn(answer, verdictOf(field).code, now);
    if (failure) return failure;
    const currency = currencyIn(context, homeCountry);
    const told = currency === null ? null : parseAmount(field("Account_Bal"), currency);
    if (told?.ok) return { kind: "told", balance: { amount: told.money, at: now } };
    return answer.status >= 400 || verdictOf(field).code !== null
      ? refusedCall(answer)
      : unavailable("an answer without Account_Bal");
  },
};
