import { airtimeStatuses } from "../../../src/providers/codian/airtime.ts";
import { codian } from "../../../src/providers/codian/codian.ts";
import { deliveryStatuses } from "../../../src/providers/codian/delivery.ts";
import { paymentCodes } from "../../../src/providers/codian/payments.ts";
import { conformance } from "../conformance.ts";
import { loadSpecimens } from "../specimen.ts";

conformance(codian, loadSpecimens("codian"), {
  tables: {
    payments: paymentCodes,
    airtime: airtimeStatuses,
    sms: deliveryStatuses,
    email: deliveryStatuses,
  },
  alike: [["events", "payments", "airtime", "sms", "email", "chat"]],
});
