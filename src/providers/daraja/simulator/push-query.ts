import { type ProviderWording, playStep, type ScriptOutcome } from "../../../simulator/script.ts";
import type { PlayedReply } from "../../../simulator/server.ts";
import type { DarajaEntry } from "./callbacks.ts";
import { invalidToken, refusal, throttled } from "./replies.ts";
import type { DarajaBody, DarajaState } from "./state.ts";

/** The STK query: checks shortcode and password, then answers by the entry's script. */
export async function queryPush({ options, ledger }: DarajaState, body: DarajaBody): Promise<PlayedReply> {
  const { BusinessShortCode, Password, Timestamp, CheckoutRequestID } = body;
  const password = Buffer.from(`${options.shortcode}${options.passkey}${Timestamp}`).toString("base64");
  if (String(BusinessShortCode) !== options.shortcode) return refusal(500, "500.001.1001", "Merchant does not exist");
  if (Password !== password || !/^\d{14}$/.test(String(Timestamp))) {
    return refusal(500, "500.001.1001", "Wrong credentials");
  }
  const entry = ledger.get(String(CheckoutRequestID));
  if (!entry) return refusal(400, "400.002.02", "Bad Request - Invalid CheckoutRequestID");
  return await playStep(ledger.nextStep(entry), entry.outcome, pushWording(String(CheckoutRequestID), entry));
}

function pushWording(checkoutId: string, entry: DarajaEntry): ProviderWording {
  const codes: Record<Exclude<ScriptOutcome, "pending">, string> = {
    completed: "0",
    refunded: "0",
    failed: entry.code ?? "1032",
    expired: "1019",
  };
  return {
    say(outcome) {
      if (outcome === "pending") return refusal(500, "500.001.1001", "The transaction is being processed");
      const body = {
        ResponseCode: "0",
        ResponseDescription: "The service request has been accepted successsfully",
        MerchantRequestID: entry.merchantRequestId ?? "1-1-1",
        CheckoutRequestID: checkoutId,
        ResultCode: codes[outcome],
        ResultDesc: `Result ${codes[outcome]}`,
      };
      return { status: 200, body };
    },
    deny: () => refusal(400, "400.002.02", "The transaction does not Exist"),
    refuseToken: invalidToken,
    throttled,
  };
}
