// Reads {"secret", "format", "headers", "body"} from standard input; ends with 0 when the signature holds, else says why not.
import { Webhook } from "standardwebhooks";

const chunks = [];
for await (const chunk of process.stdin) {
  chunks.push(chunk);
}

const { secret, format, headers, body } = JSON.parse(Buffer.concat(chunks).toString("utf8"));
new Webhook(secret, format === "raw" ? { format } : undefined).verify(body, headers);
