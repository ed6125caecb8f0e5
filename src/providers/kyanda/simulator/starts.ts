type Body = Record<string, unknown>;

/** A start call, by its document: the values that are signed, in order, and its category in an IPN. */
type StartRoute = {
  signed: (body: Body, merchantId: string) => unknown[];
  category: string;
  /** The name of the reference in the answer. */
  ref: "merchant_reference" | "transactionId" | "ref";
  code: string;
};

const airtime = (body: Body, merchantId: string) => [
  ...[body.amount, body.phone, body.telco, body.initiatorPhone, merchantId],
];

export const startRoutes: Readonly<Record<string, StartRoute>> = {
  "/billing/v1/checkout/create": {
    signed: (body, id) => [body.amount, body.phoneNumber, body.channel, id],
    ...{ category: "MpesaPayment", ref: "merchant_reference", code: "200" },
  },
  "/billing/v3/mobile-payout/create": {
    signed: ({ source, destination }, id) => {
      const [from, to] = [source as Body, destination as Body];
      return [to.amount, to.destinationPhone, from.initiatorName, from.initiatorCountry, to.channel, id];
    },
    ...{ category: "MobilePayout", ref: "merchant_reference", code: "200" },
  },
  "/billing/v3/bank-payout/create": {
    signed: ({ source, destination }, id) => {
      const [from, to] = [source as Body, destination as Body];
      const person = [from.initiatorName, from.initiatorCountry];
      return [to.amount, to.accountNumber, to.phoneNumber, to.bankCode, ...person, id];
    },
    ...{ category: "BankPayout", ref: "merchant_reference", code: "200" },
  },
  "/billing/v3/b2b/create": {
    signed: ({ channel, destination }, id) => {
      const to = destination as Body;
      return [id, channel, to.shortCode, to.identifier, to.amount];
    },
    ...{ category: "B2B", ref: "merchant_reference", code: "1100" },
  },
  "/v1/transaction/transact-link": {
    signed: () => [],
    ...{ category: "UPI", ref: "ref", code: "200" },
  },
  "/billing/v1/airtime/create": {
    signed: airtime,
    ...{ category: "AirtimePurchase", ref: "merchant_reference", code: "0000" },
  },
  "/billing/v1/pin-airtime/create": {
    signed: airtime,
    ...{ category: "PinAirtimePurchase", ref: "transactionId", code: "0000" },
  },
  "/billing/v1/bill/create": {
    signed: (body, id) => [body.amount, body.account, body.telco, body.initiatorPhone, id],
    ...{ category: "UtilityPayment", ref: "transactionId", code: "0000" },
  },
  "/billing/v1/sms/create": {
    signed: (body, id) => [body.phone, body.otp, id],
    ...{ category: "SMS", ref: "transactionId", code: "0000" },
  },
};

/** Whom an order pays or is paid by, as an IPN names it, and how much. */
export function partyOf(body: Body): { party: string; amount: string } {
  const to = { ...body, ...(body.destination as Body | undefined), ...(body.data as Body | undefined) } as Body;
  const names = [
    "destinationPhone",
    "accountNumber",
    "identifier",
    "recipient_party",
    "account",
    "phone",
    "phoneNumber",
  ];
  const party = names.map(name => to[name]).find(value => value !== undefined);
  return { party: String(party), amount: String(to.amount ?? "") };
}
