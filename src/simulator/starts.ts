import type { PlayedReply } from "./server.ts";

/** An order as a simulated provider took it. `name`: what it calls the order, such as the merchant's reference. */
export type TakenOrder = { name: string; id: string; body: Record<string, unknown> };

/** What happens to the next start calls, one each; then they are accepted. */
export type StartFault =
  /** The order is taken, and the connection breaks in place of the answer. */
  | { do: "lose-answer" }
  /** The order is taken, and a server's error is answered. */
  | { do: "take-and-fail"; status: 500 | 502 | 503 | 504 }
  /** The order is not taken. */
  | { do: "refuse"; reply: PlayedReply }
  /** The order is taken, and the answer waits for `release`. */
  | { do: "slow"; release: Promise<void> };

/** The start calls of a simulated provider: how often which order came, and what it answered. */
export type SimulatedStarts = {
  /** Every order that was taken, repetitions included. */
  taken: TakenOrder[];
  /** Faults of the next calls. */
  faults: StartFault[];
  /** Plays one call. `take` takes the order and says what is answered where no fault does. */
  play(order: TakenOrder, take: () => PlayedReply): Promise<PlayedReply>;
};

export function makeStarts(): SimulatedStarts {
  const taken: TakenOrder[] = [];
  const faults: StartFault[] = [];
  return {
    taken,
    faults,
    async play(order, take) {
      const fault = faults.shift();
      if (fault?.do === "refuse") return fault.reply;
      taken.push(order);
      const reply = take();
      if (fault?.do === "lose-answer") return "cut";
      if (fault?.do === "take-and-fail") return { status: fault.status, body: "" };
      if (fault?.do === "slow") await fault.release;
      return reply;
    },
  };
}
