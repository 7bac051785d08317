// Verifies captured webhooks as a receiver would. In: one JSON object a line {secret, raw, headers, body (Base64)}. Out: "ok" or the fault.
import { createInterface } from 'node:readline';
import { Webhook } from 'standardwebhooks';

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, raw, headers, body } = JSON.parse(line);
  try {
    const webhook = raw ? new Webhook(secret, { format: 'raw' }) : new Webhook(secret);
    webhook.verify(Buffer.from(body, 'base64').toString('utf8'), headers);
    console.log('ok');
  } catch (fault) {
    console.log(fault.message);
  }
}
