import { Command } from "commander";
import type { ClientRequest } from "../api-client.ts";
import { idOf } from "../arguments.ts";
import { refusalOf } from "../call-api.ts";
import { connectApi } from "../connect-api.ts";
import { printJson, printLine } from "../print.ts";
import { withResource } from "../with-resource.ts";

/** `hakika callbacks body`: prints the bytes of a callback, escaped on a terminal; `--json`: as text within JSON. */
export function callbackBodyCommand(): Command {
  return new Command("body")
    .description("prints the bytes of a callback as they arrived")
    .argument("<callback>", "its id (cbk_...)", idOf("callback"))
    .option("--json", "print JSON, with the bytes as text")
    .action(async (id: string, options: { json?: boolean }) => {
      await withResource(
        () => connectApi(),
        async api => {
          const request: ClientRequest = { method: "GET", path: `/v1/callbacks/${id}/body` };
          const response = await api.send(request);
          if (response.status !== 200) throw refusalOf(request, response);
          const { headers, bytes } = response;
          if (options.json) printJson({ id, content_type: headers.get("content-type"), body: bytes.toString() });
          else if (process.stdout.isTTY) printLine(bytes.toString());
          else process.stdout.write(bytes);
        },
      );
    });
}
