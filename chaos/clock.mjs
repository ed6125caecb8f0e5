// Loaded before the program: its clock is off by the seconds that a file has, read again at SIGUSR2. Timers go on by the
// monotonic clock, as they do when a system's clock is set.
import { readFileSync } from "node:fs";

const { CHAOS_CLOCK_FILE: file } = process.env;
const RealDate = Date;
let offMs = 0;

globalThis.Date = class extends RealDate {
  constructor(...given) {
    if (given.length === 0) super(RealDate.now() + offMs);
    else super(...given);
  }
  static now() {
    return RealDate.now() + offMs;
  }
};

process.on("SIGUSR2", () => {
  offMs = Number(readFileSync(file, "utf8")) * 1000;
});
