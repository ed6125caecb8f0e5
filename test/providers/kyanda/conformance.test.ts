import { saysByCode } from "../../../src/providers/kyanda/codes.ts";
import { kyanda } from "../../../src/providers/kyanda/kyanda.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

const specimens = loadSpecimens("kyanda");
const contradictions = specimens.filter(specimen => specimen.name.startsWith("contradiction"));

// Apart, because there the code alone does not say what the IPN says.
conformance({ ...kyanda, channels: { ipn: kyanda.channels.ipn! } }, contradictions);
conformance(
  kyanda,
  specimens.filter(specimen => !contradictions.includes(specimen)),
  { tables: { ipn: saysByCode } },
);
