import { deliveryChannel } from "./delivery.ts";

/** What became of an SMS. */
export const sms = deliveryChannel("sms");
