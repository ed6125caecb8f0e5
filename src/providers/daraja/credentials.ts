import type { CredentialField, Needs } from "../provider.ts";

/** What a Daraja app has. All optional: what needs an absent one is off. */
export const credentials: CredentialField[] = [
  { name: "consumer_key", secret: true, means: "the app's consumer key, for tokens" },
  { name: "consumer_secret", secret: true, means: "the app's consumer secret, for tokens" },
  { name: "shortcode", secret: false, means: "the paybill or till number" },
  { name: "passkey", secret: true, means: "signs STK pushes and their queries" },
  { name: "initiator_name", secret: false, means: "the API operator that payouts, reversals and queries run as" },
  { name: "security_credential", secret: true, means: "the initiator's password, already encrypted" },
  { name: "initiator_password", secret: true, means: "the initiator's password, encrypted here with `certificate`" },
  { name: "certificate", secret: false, means: "Safaricom's certificate (PEM) that encrypts `initiator_password`" },
  {
    name: "nominated_number",
    secret: false,
    means: "the organization's Safaricom number, to register for pull transactions",
  },
];

/** What every call of an app needs. */
export const app = ["consumer_key", "consumer_secret", "shortcode"] as const;

/** What calls that run as an initiator need: the encrypted password, or the password and what encrypts it. */
export const initiator: Needs = [
  [...app, "initiator_name", "security_credential"],
  [...app, "initiator_name", "initiator_password", "certificate"],
];
