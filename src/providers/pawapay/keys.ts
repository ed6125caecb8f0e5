import { fieldsOf } from "../kit/fields.ts";
import { failureByStatus, isOk, jsonListOf, unavailable } from "../kit/response.ts";
import { idOf, textOf } from "../kit/text.ts";
import type { KeysCall } from "../proof.ts";

/** The public keys that callbacks are signed with: `[{"id": "HTTP_EC_P256_KEY:1", "key": "-----BEGIN…"}]`. */
export const keys: KeysCall = {
  call: () => ({ method: "GET", path: "/v2/public-key/http", headers: { accept: "application/json" } }),
  read(answer) {
    const failure = failureByStatus(answer, new Date(0), false);
    if (failure) return failure;
    const list = jsonListOf(answer);
    if (!isOk(answer) || list === null) return unavailable(`HTTP ${answer.status} without a list of keys`);
    const published = list.flatMap(item => {
      const field = fieldsOf(item);
      const id = idOf(field("id"));
      const key = textOf(field("key"));
      return id === null || key === null ? [] : [[id, key] as const];
    });
    return { kind: "keys", keys: Object.fromEntries(published) };
  },
};
