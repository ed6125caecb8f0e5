import type { ManagementApi } from "../../simulator/management-api.ts";
import type { ApiClient } from "../api-client.ts";
import { callApi } from "../call-api.ts";

/** The command line's API client as a simulation uses it. */
export function managementApi(api: ApiClient): ManagementApi {
  return {
    url: api.url,
    call: request => callApi(api, request),
    async send(request) {
      const { status, bytes } = await api.send(request);
      return { status, text: bytes.toString() };
    },
  };
}
