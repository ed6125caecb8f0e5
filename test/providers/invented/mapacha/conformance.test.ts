import { conformance } from "../../conformance.ts";
import { loadSpecimens } from "../../specimen.ts";
import { mapacha, saysByStatus } from "./mapacha.ts";

conformance(mapacha, loadSpecimens("invented/mapacha"), { tables: { collection: saysByStatus } });
