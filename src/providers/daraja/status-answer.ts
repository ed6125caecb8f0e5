import type { Finding } from "../../domain/evidence.ts";
import { countryOf, currencyIn, type Settings } from "../kit/country.ts";
import { readEastAfricaTime } from "../kit/east-africa-time.ts";
import type { Problems } from "../kit/problems.ts";
import { saysOf } from "../kit/status-table.ts";
import { isZeroCode } from "../kit/success-code.ts";
import { idOf, receiptOf, textOf } from "../kit/text.ts";
import { homeCountry } from "./home-country.ts";
import { partyOf } from "./party.ts";
import { transactionStatuses } from "./result-codes.ts";
import { conversationIdentity, type ResultEnvelope } from "./result-envelope.ts";

/**
 * The answer to a transaction status query. ResultCode 0 says only that the query worked; what became of the money is
 * TransactionStatus. The identity is the query's conversation, by which settling finds the polled transaction; the
 * refs, amount and party are those of that transaction. Its receipt is no identity here: it names another
 * transaction than the conversation does.
 */
export function readStatusAnswer(
  envelope: ResultEnvelope,
  code: string,
  problems: Problems,
  connection: Settings,
): Finding {
  const { conversation, parameters, moreToCome } = envelope;
  const status = textOf(parameters("TransactionStatus"));
  const answered = isZeroCode(code) && !moreToCome && status !== null;
  const says = answered ? saysOf(transactionStatuses, status.replace(/\s+/g, " "), "nothing") : "nothing";
  const country = countryOf(connection, homeCountry);
  const receipt = receiptOf(parameters("ReceiptNo"));
  const conversationId = idOf(parameters("ConversationID"));
  const originatorId = idOf(parameters("OriginatorConversationID"));
  const amount = problems.amount(
    "Result.ResultParameters.Amount",
    parameters("Amount"),
    currencyIn(connection, homeCountry),
  );
  const receiver = /^\s*(\d{4,10})\b/.exec(textOf(parameters("CreditPartyName")) ?? "")?.[1];
  const occurredAt = readEastAfricaTime(parameters("FinalisedTime"));
  return {
    says,
    answersQuestion: true,
    identity: conversationIdentity(conversation),
    refs: {
      ...(conversationId !== null && { conversation_id: conversationId }),
      ...(originatorId !== null && { originator_conversation_id: originatorId }),
      ...(receipt !== null && { receipt }),
    },
    ...(status !== null && {
      result: { code: status, description: textOf(parameters("TransactionReason")) ?? status },
    }),
    ...(amount && { amount }),
    ...(occurredAt && { occurredAt }),
    ...(receiver !== undefined && { receiver }),
    ...sides(partyOf(parameters("DebitPartyName"), country), partyOf(parameters("CreditPartyName"), country)),
  };
}

type Party = ReturnType<typeof partyOf>;

/**
 * The side with a phone is a customer: money from one came in, money to one went out. Between two shortcodes it is b2b.
 */
function sides(debit: Party, credit: Party): Party & Pick<Finding, "kind"> {
  if ((debit.phone ?? debit.phoneMasked) !== undefined) return { kind: "c2b", ...debit };
  if ((credit.phone ?? credit.phoneMasked) !== undefined) return { kind: "b2c", ...credit };
  return { kind: "b2b", ...credit };
}
