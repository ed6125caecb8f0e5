import { Command } from "commander";
import { refusalOf } from "../../api-client/call-api.ts";
import type { ClientRequest } from "../../api-client/client.ts";
import { idOf } from "../arguments.ts";
import { connectApi } from "../connect-api.ts";
import { printJson } from "../print.ts";
import { withResource } from "../with-resource.ts";

/** `hakika callbacks body`: the bytes as they came, to standard output or a file; as text within JSON where that is asked for. */
export function callbackBodyCommand(): Command {
  return new Command("body")
    .description("prints the bytes of a callback as they came")
    .argument("<callback>", "its id (cbk_...)", idOf("callback"))
    .option("--json", "print JSON, the bytes as text")
    .action(async (id: string, options: { json?: boolean }) => {
      await withResource(
        () => connectApi(),
        async api => {
          const request: ClientRequest = { method: "GET", path: `/v1/callbacks/${id}/body` };
          const answer = await api.send(request);
          if (answer.status !== 200) throw refusalOf(request, answer);
          if (options.json)
            printJson({ id, content_type: answer.headers.get("content-type"), body: answer.bytes.toString() });
          else process.stdout.write(answer.bytes);
        },
      );
    });
}
