import { conformance } from "../../conformance.ts";
import { loadSpecimens } from "../../specimen.ts";
import { kengele } from "./kengele.ts";

conformance(kengele, loadSpecimens("invented/kengele"));
