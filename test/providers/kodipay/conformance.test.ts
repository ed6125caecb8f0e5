import { kodipay } from "../../../src/providers/kodipay/kodipay.ts";
import { saysByAlias, saysByStatus } from "../../../src/providers/kodipay/statuses.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

const specimens = loadSpecimens("kodipay");
const refunds = specimens.filter(specimen => specimen.name.startsWith("refund-event"));

// Apart, because there the status is the refund's and not the payment's.
conformance(kodipay, refunds);
conformance(
  kodipay,
  specimens.filter(specimen => !refunds.includes(specimen)),
  { tables: { callbacks: { ...saysByStatus, ...saysByAlias } } },
);
