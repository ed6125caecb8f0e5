/**
 * A process that joins the embedded server of the folder in argv, says so in one line of JSON, and stays until its
 * standard input ends; then it stops as `hakika` does. Started by `startSecondProcess`.
 */
import { startEmbedded } from "../../src/embedded-postgres/start.ts";
import { silentLog } from "./silent-log.ts";

const embedded = await startEmbedded({ dataDir: process.argv[2]!, binDir: process.argv[3], log: silentLog });
process.stdout.write(
  `${JSON.stringify({ url: embedded.url, ownerUrl: embedded.ownerUrl, startedHere: embedded.startedHere })}\n`,
);
process.stdin.resume().once("end", async () => {
  await embedded.stop();
  process.exit(0);
});
