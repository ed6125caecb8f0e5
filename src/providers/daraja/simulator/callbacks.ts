import type { LedgerEntry } from "../../../simulator/ledger.ts";
import { nairobiDigits } from "../../../simulator/nairobi-time.ts";
import { jsonCallback, type SimulatedCallback } from "../../../simulator/post-callback.ts";
import type { ScriptOutcome } from "../../../simulator/script.ts";

/** A push, a payment or a payout at the simulated Daraja. */
export type DarajaEntry = LedgerEntry & {
  /** Decimal text. */
  amount: string;
  phone: string;
  receipt: string;
  merchantRequestId?: string;
  /** Of a failure; 1032 by default. */
  code?: string;
  /** The account reference a payer types. */
  reference?: string;
  /** The payout's own conversation, as its request was answered. */
  conversationId?: string;
  originatorConversationId?: string;
};

/** The result of an STK push, for the channel `stk`. */
export function darajaStkCallback(
  checkoutId: string,
  entry: DarajaEntry,
  outcome: ScriptOutcome,
  at: Date,
): SimulatedCallback {
  const paid = outcome === "completed";
  const metadata = {
    Item: [
      { Name: "Amount", Value: Number(entry.amount) },
      { Name: "MpesaReceiptNumber", Value: entry.receipt },
      { Name: "Balance" },
      { Name: "TransactionDate", Value: Number(nairobiDigits(at)) },
      { Name: "PhoneNumber", Value: Number(entry.phone) },
    ],
  };
  const code = paid ? "0" : outcome === "expired" ? "1019" : (entry.code ?? "1032");
  const stkCallback = {
    MerchantRequestID: entry.merchantRequestId ?? "1-1-1",
    CheckoutRequestID: checkoutId,
    ResultCode: Number(code),
    ResultDesc: paid ? "The service request is processed successfully." : `Result ${code}`,
    ...(paid && { CallbackMetadata: metadata }),
  };
  return jsonCallback({ Body: { stkCallback } });
}

/** A payment to the shortcode, for `c2b/confirmation` (and, before it, `c2b/validation`). */
export function darajaC2bCallback(entry: DarajaEntry, shortcode: string, at: Date): SimulatedCallback {
  return jsonCallback({
    TransactionType: "Pay Bill",
    TransID: entry.receipt,
    TransTime: nairobiDigits(at),
    TransAmount: entry.amount,
    BusinessShortCode: shortcode,
    BillRefNumber: entry.reference ?? "",
    InvoiceNumber: "",
    OrgAccountBalance: "",
    ThirdPartyTransID: "",
    MSISDN: `${entry.phone.slice(0, 4)} ***** ${entry.phone.slice(-3)}`,
    FirstName: "JANE",
    MiddleName: "",
    LastName: "",
  });
}

/** The result of a B2C payout, for the channel `result`. */
export function darajaPayoutCallback(entry: DarajaEntry, outcome: ScriptOutcome, at: Date): SimulatedCallback {
  const paid = outcome === "completed";
  const parameters = [
    { Key: "TransactionAmount", Value: Number(entry.amount) },
    { Key: "TransactionReceipt", Value: entry.receipt },
    { Key: "ReceiverPartyPublicName", Value: `${entry.phone} - Jane Doe` },
    { Key: "TransactionCompletedDateTime", Value: dotted(at) },
    { Key: "B2CRecipientIsRegisteredCustomer", Value: "Y" },
  ];
  return resultCallback({
    ConversationID: entry.conversationId ?? "",
    OriginatorConversationID: entry.originatorConversationId ?? "",
    ResultCode: paid ? 0 : Number(entry.code ?? "1"),
    ResultDesc: paid ? "The service request is processed successfully." : "The balance is insufficient.",
    // A placeholder where no money moved.
    TransactionID: paid ? entry.receipt : "NLJ0000000",
    ...(paid && { ResultParameters: { ResultParameter: parameters } }),
  });
}

/** The result of a B2B payment. */
export function darajaToBusinessCallback(entry: DarajaEntry, outcome: ScriptOutcome, at: Date): SimulatedCallback {
  return conversationResult(entry, outcome, [
    { Key: "Amount", Value: entry.amount },
    { Key: "TransCompletedTime", Value: nairobiDigits(at) },
    { Key: "ReceiverPartyPublicName", Value: `${entry.phone} - A Company` },
    { Key: "Currency", Value: "KES" },
  ]);
}

/** The result of a reversal of the payment with the receipt `original`. */
export function darajaReversalCallback(
  entry: DarajaEntry,
  original: string,
  outcome: ScriptOutcome,
  at: Date,
): SimulatedCallback {
  return conversationResult(entry, outcome, [
    { Key: "Amount", Value: entry.amount },
    { Key: "OriginalTransactionID", Value: original },
    { Key: "TransCompletedTime", Value: nairobiDigits(at) },
    { Key: "Charge", Value: "0.00" },
  ]);
}

function conversationResult(entry: DarajaEntry, outcome: ScriptOutcome, parameters: object[]): SimulatedCallback {
  const paid = outcome === "completed";
  return resultCallback({
    ConversationID: entry.conversationId ?? "",
    OriginatorConversationID: entry.originatorConversationId ?? "",
    ResultCode: paid ? 0 : Number(entry.code ?? "1"),
    ResultDesc: paid ? "The service request is processed successfully." : "The balance is insufficient.",
    TransactionID: paid ? entry.receipt : "NLJ0000000",
    ...(paid && { ResultParameters: { ResultParameter: parameters } }),
  });
}

const statusWords = {
  pending: "Initiated",
  completed: "Completed",
  refunded: "Completed",
  failed: "Declined",
  expired: "Expired",
} as const satisfies Record<ScriptOutcome, string>;

/**
 * The answer to a transaction status query, for the channel `result`; without an entry or outcome the query failed with
 * `code`.
 */
export function darajaStatusResult(
  conversation: { ConversationID: string; OriginatorConversationID: string },
  entry: DarajaEntry | null,
  outcome: ScriptOutcome | null,
  code: string,
): SimulatedCallback {
  if (entry === null || outcome === null) {
    const failed = { ResultCode: Number(code), ResultDesc: `Result ${code}`, TransactionID: "NLJ0000000" };
    return resultCallback({ ...conversation, ...failed });
  }
  const parameters = [
    { Key: "DebitPartyName", Value: `${entry.phone} - Jane Doe` },
    { Key: "TransactionStatus", Value: statusWords[outcome] },
    { Key: "Amount", Value: Number(entry.amount) },
    { Key: "ReceiptNo", Value: entry.receipt },
    { Key: "OriginatorConversationID", Value: entry.originatorConversationId ?? "" },
    { Key: "Conversation ID", Value: entry.conversationId ?? "" },
    { Key: "FinalisedTime", Value: nairobiDigits(new Date()) },
  ];
  return resultCallback({
    ...conversation,
    ResultCode: 0,
    ResultDesc: "The service request is processed successfully.",
    TransactionID: "NLJ0000000",
    ResultParameters: { ResultParameter: parameters },
  });
}

function resultCallback(result: Record<string, unknown>): SimulatedCallback {
  return jsonCallback({ Result: { ResultType: 0, ...result } });
}

/** `dd.MM.yyyy HH:mm:ss` on a clock in Nairobi. */
function dotted(at: Date): string {
  const [, year, month, day, hour, minute, second] = /^(....)(..)(..)(..)(..)(..)$/.exec(nairobiDigits(at))!;
  return `${day}.${month}.${year} ${hour}:${minute}:${second}`;
}
