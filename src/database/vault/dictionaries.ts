import type { VaultColumn } from "./vault.ts";

/**
 * Texts that sealed values have in common, by number: deflate refers back to them. A dictionary never changes, or what
 * was sealed with it could not be read; a better one gets a number of its own (test/database/vault.test.ts). What comes
 * most often stands last, where references are shortest.
 */
const events =
  '{"reason":"amount_mismatch","since":"2026-","detail":"","expected":{"amount":"1.00","currency":"KES"},"told":' +
  '"related":["txn_019"]}"unregistered""needs_proof""conflict""unresolved""duplicate_receipt""failed""expired"' +
  '"refunded""correction":true"from":"into":"transaction.review_required""transaction.review_closed"' +
  '"payload":"callback_id":"cbk_"session":{"id":"ses_019"session_id":"service_code":"network_code":"state":"ended",' +
  '"ended_by":"answer","gateway":null,"started_at":"ended_at":"hops":[{"hop":1,"at":"input":"","answer":"CON "END ' +
  '"answered_by":"menu","latency_ms":"warning":null},"merchant","fallback"uganda UGX tanzania TZS ' +
  '"provider":"kyanda""kodipay""codian""africastalking""sandbox""b2c""c2b""airtime""bill""message""direction":"out"' +
  '"transaction_ref":"request_id":"order_number":"conversation_id":"AG_2026originator_conversation_id":' +
  '"result":{"code":"1032","description":"Request cancelled by user"}"status_source":"poll""registered":false' +
  '"payment.failed""payout.completed""airtime.completed"{"id":"evt_019"type":"payment.completed","timestamp":"2026-' +
  'T00:00:00.000Z","data":{"environment":"production","transaction":{"id":"txn_019merchant_id":"mer_019' +
  '"connection_id":"con_019"provider":"daraja","environment":"production","kind":"stk_push","direction":"in",' +
  '"status":"completed","status_source":"callback","registered":true,"version":2,"reference":"INV-ORDER-' +
  '"provider_refs":{"receipt":"T","merchant_request_id":"","checkout_request_id":"ws_CO_"},"amount":".00",' +
  '"refunded_amount":"0.00","currency":"KES","phone":"+2547","phone_masked":null,"party_name":null,"result":{"code":' +
  '"0","description":"The service request is processed successfully."},"review":null,"start":null,"details":{},' +
  '"occurred_at":"2026-T00:00:00.000Z","created_at":"2026-T00:00:00.000Z","updated_at":"2026-T00:00:00.000Z",' +
  '"metadata":{}},"previous_status":"pending","sequence":1,"correction":false}}';

const evidence =
  '{"kind":"c2b","says":"failed","refs":{"transaction_ref":"request_id":"order_number":"conversation_id":"AG_2026' +
  '"originator_conversation_id":"message_id":"reverses":"answersQuestion":true"changed":true"provisional":true' +
  '"phoneMasked":"2547*****"partyName":"note":"duplicateOf":"019"reversedBy":"sameReference":{"transactionId":"019' +
  '"role":"order","minor":"revision":0,"mirrored":true"says":"processing""pending""nothing""phoneKey":"believed":true' +
  '"details":{"failure_reason":"tokens":"units":"kind":"airtime""b2c""payment""checkout""bill""sms"' +
  '{"kind":"stk_push","provider_refs":{"reference":null,"amount":"currency":"KES","phone":"+2547"expires_at":null}' +
  '"result":{"code":"1032","description":"Request cancelled by user"}"DS timeout user cannot be reached"' +
  '"code":"0","description":"The service request has been accepted successsfully"' +
  '{"kind":"stk_push","says":"completed","refs":{"merchant_request_id":"","checkout_request_id":"ws_CO_","receipt":"T' +
  '"},"identity":["checkout_request_id:ws_CO_","merchant_request_id:","receipt:T"],"result":{"code":"0",' +
  '"description":"The service request is processed successfully."},"occurredAt":"2026-T00:00:00.000Z","reference":"' +
  '"phone":"+2547","amount":{"minor":"00","currency":"KES"}}';

const callbacks =
  '{"sessionId":"ATUid_serviceCode":"*384*#","phoneNumber":"+2547networkCode":"63902","text":"status=Success&' +
  'requestId=ATQid_phoneNumber=%2B2547transactionId="amount":"KES "discount":' +
  '"transactionRef":"status_code":"0000","status":"Success","message":"MerchantID":"transactionDate":"category":' +
  '"details":{"biller_Receipt":"tokens":"units":"event":"payment.received""success":true,"data":{"airtime_id":' +
  '"sms_id":"order_number":"reference":"amount":"currency":"timestamp":"account":"phone":"' +
  '{"Result":{"ResultType":0,"ResultCode":0,"ResultDesc":"The service request is processed successfully.",' +
  '"OriginatorConversationID":"","ConversationID":"AG_2026","TransactionID":"T","ResultParameters":{' +
  '"ResultParameter":[{"Key":"TransactionAmount","Value":},{"Key":"TransactionReceipt","Value":"},{"Key":' +
  '"ReceiverPartyPublicName","Value":"2547 - "},{"Key":"TransactionCompletedDateTime","Value":"},' +
  '{"Key":"B2CUtilityAccountAvailableFunds","Value":},{"Key":"B2CWorkingAccountAvailableFunds","Value":},' +
  '{"Key":"B2CRecipientIsRegisteredCustomer","Value":"Y"}]},"ReferenceData":{"ReferenceItem":{"Key":' +
  '"QueueTimeoutURL","Value":"https://"}}}}' +
  '{"TransactionType":"Pay Bill","TransID":"T","TransTime":"2026","TransAmount":".00","BusinessShortCode":"' +
  '"BillRefNumber":"","InvoiceNumber":"","OrgAccountBalance":"","ThirdPartyTransID":"","MSISDN":"2547",' +
  '"FirstName":"","MiddleName":"","LastName":""}' +
  '"method":"POST","query":"","headers":{"x-forwarded-for":"196.201.214.","x-forwarded-proto":"https",' +
  '"x-real-ip":"accept":"*/*","accept-encoding":"gzip, deflate","accept-language":"*","sec-fetch-mode":"cors",' +
  '"user-agent":"Apache-HttpClient/4.5.5 (Java/1.8.0_)"undici""node"axios/okhttp/"connection":"keep-alive",' +
  '"content-type":"application/x-www-form-urlencoded"authorization":"[redacted]""[verified]""x-api-signature":' +
  '"content-type":"application/json","content-length":"host":"' +
  '{"Body":{"stkCallback":{"MerchantRequestID":"","CheckoutRequestID":"ws_CO_","ResultCode":1032,"ResultDesc":' +
  '"Request cancelled by user"}}}"ResultCode":0,"ResultDesc":"The service request is processed successfully.",' +
  '"CallbackMetadata":{"Item":[{"Name":"Amount","Value":1.00},{"Name":"MpesaReceiptNumber","Value":"T"},' +
  '{"Name":"Balance"},{"Name":"TransactionDate","Value":2026},{"Name":"PhoneNumber","Value":2547}]}}}}';

/** By number; 0 is none. */
export const dictionaries: readonly (Buffer | undefined)[] = [
  undefined,
  Buffer.from(events),
  Buffer.from(evidence),
  Buffer.from(callbacks),
];

/** The dictionary that new values of a column are compressed with. */
export const dictionaryOf = {
  events: 1,
  ussd_sessions: 1,
  ussd_hops: 1,
  transactions: 2,
  evidence: 2,
  registrations: 2,
  callback_bodies: 3,
  callbacks: 3,
  delivery_attempts: 3,
  spool: 3,
} as const satisfies Record<VaultColumn, number>;
