import { randomUUID } from "node:crypto";
import type { PlayedReply } from "../../../simulator/server.ts";
import { refusal } from "./replies.ts";
import type { DarajaBody, DarajaState } from "./state.ts";

/** Registers the confirmation and validation URLs of C2B. */
export function registerC2b({ options, registered }: DarajaState, body: DarajaBody, version: "v1" | "v2"): PlayedReply {
  if ((options.c2bVersion ?? version) !== version) {
    return refusal(401, "401.003.01", "Error Occurred - Invalid Access Token - no apiproduct match found");
  }
  if (options.registersOnce && registered.length > 0) {
    return refusal(500, "500.003.1001", "Urls are already registered.");
  }
  const urls = [body.ConfirmationURL, body.ValidationURL].map(String);
  if (!urls.every(url => URL.canParse(url))) return refusal(400, "400.003.02", "Bad Request");
  registered.push(body);
  return {
    status: 200,
    body: { OriginatorCoversationID: randomUUID(), ResponseCode: "0", ResponseDescription: "Success" },
  };
}

/** Registers a shortcode for pull transactions. */
export function registerPull({ registered }: DarajaState, body: DarajaBody): PlayedReply {
  const isKnown = registered.some(each => each.RequestType === "Pull" && each.ShortCode === body.ShortCode);
  if (!isKnown) registered.push(body);
  const [code, text] = isKnown
    ? ["1001", "ShortCode already Registered"]
    : ["1000", "ShortCode Registered Successfully"];
  return {
    status: 200,
    body: {
      ResponseRefID: "1-1-1",
      "Response Status": code,
      ShortCode: body.ShortCode,
      "Response Description": text,
    },
  };
}
