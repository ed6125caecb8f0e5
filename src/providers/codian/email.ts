import { deliveryChannel } from "./delivery.ts";

/** What became of an e-mail. */
export const email = deliveryChannel("email");
