import { type Random, randomOf } from "./random.ts";

export const receivers = ["receiver 1", "receiver 2"] as const;
export const workers = ["worker 1", "worker 2"] as const;
export const processes = [...receivers, ...workers] as const;
export type ProcessName = (typeof processes)[number];

/** Endpoints of the simulated merchants. */
export const endpoints = ["A1", "A2", "B1"] as const;

type What =
  | { kind: "kill"; process: ProcessName }
  | { kind: "pause"; process: ProcessName }
  | { kind: "clock"; process: ProcessName; byS: number }
  | { kind: "cut"; where: "before" | "after"; times: number }
  | { kind: "latency"; ms: number }
  | { kind: "silence" }
  | { kind: "database restart" }
  | { kind: "database kill" }
  | { kind: "failover" }
  | { kind: "database full" }
  | { kind: "spool full"; process: (typeof receivers)[number] }
  | { kind: "merchant"; endpoint: (typeof endpoints)[number]; does: "hang" | "fail" | "answer late" }
  | { kind: "provider"; does: "hang" | "fail" | "answer late" | "throttle" }
  | { kind: "callbacks"; are: "duplicated" | "reordered" | "lost" | "forged" };

/** Begins `atS` after the load's beginning, and lasts `forS`. */
export type Fault = What & { atS: number; forS: number };
export type FaultKind = Fault["kind"];

export type Plan = {
  seed: number;
  /** How long payments are made. */
  loadS: number;
  /** In the order of their beginnings. */
  faults: readonly Fault[];
};

const sizes = { short: { loadS: 45, faults: 8 }, long: { loadS: 100, faults: 16 } } as const;
/** Past the lease of 30 s. */
const pauseS = 33;
/** Faults of one group never overlap: what a cut does while its database is away shows nothing, and heals late. */
const groupOf = (fault: Fault): string | null => {
  if ("process" in fault && fault.kind !== "spool full") return fault.process;
  return /^(database|failover|silence|spool)/.test(fault.kind) ? "database" : null;
};
const gapS = 3;
const triesMax = 200;

/** The plan of a seed: the same on every machine. */
export function planOf(seed: number, isShort: boolean): Plan {
  const random = randomOf(seed);
  const { loadS, faults: wanted } = isShort ? sizes.short : sizes.long;
  const faults: Fault[] = [];
  for (let tries = 0; faults.length < wanted && tries < triesMax; tries += 1) {
    const fault = draw(random, loadS);
    if (fits(fault, faults, loadS)) faults.push(fault);
  }
  return { seed, loadS, faults: faults.sort((a, b) => a.atS - b.atS) };
}

/** A fault in words, as one line. */
export function lineOf(fault: Fault): string {
  return `${fault.atS} s: ${wordsOf(fault)}`;
}

function draw(random: Random, loadS: number): Fault {
  const when = { atS: random.whole(2, loadS - 8), forS: random.whole(2, 8) };
  switch (random.whole(0, 13)) {
    case 0:
    case 1:
      return { kind: "kill", process: random.oneOf(processes), ...when };
    case 2:
      return { kind: "pause", process: random.oneOf(processes), atS: random.whole(2, loadS - 8), forS: pauseS };
    case 3:
      return { kind: "clock", process: random.oneOf(processes), byS: random.oneOf([-120, -20, 20, 120]), ...when };
    case 4:
      return { kind: "cut", where: "before", times: random.whole(3, 12), ...when };
    case 5:
      return { kind: "cut", where: "after", times: random.whole(3, 12), ...when };
    case 6:
      return { kind: "latency", ms: random.whole(20, 300), ...when };
    case 7:
      return { kind: "silence", ...when };
    case 8:
      return { kind: random.oneOf(["database restart", "database kill"]), ...when };
    case 9:
      return { kind: "failover", ...when };
    case 10:
      return random.oneOf<Fault>([
        { kind: "database full", ...when },
        { kind: "spool full", process: random.oneOf(receivers), ...when },
      ]);
    case 11: {
      const endpoint = random.oneOf(endpoints);
      return { kind: "merchant", endpoint, does: random.oneOf(["hang", "fail", "answer late"]), ...when };
    }
    case 12:
      return { kind: "provider", does: random.oneOf(["hang", "fail", "answer late", "throttle"]), ...when };
    default:
      return { kind: "callbacks", are: random.oneOf(["duplicated", "reordered", "lost", "forged"]), ...when };
  }
}

function fits(fault: Fault, others: readonly Fault[], loadS: number): boolean {
  if (fault.kind === "failover" && others.some(({ kind }) => kind === "failover")) return false;
  // A pause longer than the rest of the load is one of the drain: allowed, once.
  if (fault.kind === "pause" && fault.atS + fault.forS > loadS + 10) return false;
  const group = groupOf(fault);
  return !others.some(other => {
    const near = fault.atS < other.atS + other.forS + gapS && other.atS < fault.atS + fault.forS + gapS;
    return near && (group === null ? isSame(fault, other) : groupOf(other) === group);
  });
}

/** Whether two faults would be one and the same at a time. */
function isSame(one: Fault, other: Fault): boolean {
  if (one.kind === "cut" && other.kind === "cut") return true;
  if (one.kind === "merchant" && other.kind === "merchant") return one.endpoint === other.endpoint;
  if (one.kind === "callbacks" && other.kind === "callbacks") return true;
  return one.kind === other.kind && (one.kind === "latency" || one.kind === "provider");
}

function wordsOf(fault: Fault): string {
  const { forS } = fault;
  switch (fault.kind) {
    case "kill":
      return `kill -9 of ${fault.process}, started again after ${forS} s`;
    case "pause":
      return `${fault.process} is stopped (SIGSTOP) for ${forS} s, past its leases`;
    case "clock":
      return `the clock of ${fault.process} is ${fault.byS} s off for ${forS} s`;
    case "cut":
      return `${fault.times} connections to the database are cut ${fault.where} a COMMIT`;
    case "latency":
      return `${fault.ms} ms more to the database for ${forS} s`;
    case "silence":
      return `the network to the database drops everything for ${forS} s`;
    case "database restart":
      return `the database is stopped, and started after ${forS} s`;
    case "database kill":
      return `kill -9 of the database, started again after ${forS} s`;
    case "failover":
      return `kill -9 of the primary for good, its synchronous replica is promoted after ${forS} s`;
    case "database full":
      return `the database's disk is full for ${forS} s`;
    case "spool full":
      return `the database is away and the spool's disk of ${fault.process} is full for ${forS} s`;
    case "merchant":
      return `endpoint ${fault.endpoint}: ${misbehaviour[fault.does]} for ${forS} s`;
    case "provider":
      return `provider: ${misbehaviour[fault.does]} for ${forS} s`;
    case "callbacks":
      return `callbacks are ${fault.are} for ${forS} s`;
  }
}

const misbehaviour = {
  hang: "answers nothing",
  fail: "answers 500",
  "answer late": "answers 2 s late",
  throttle: "answers 429",
} as const;
