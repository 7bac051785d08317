// Azurite that ends with its parent: a test process holds our standard input open, and when it ends, however badly,
// the pipe closes. A signal handler in the parent would miss SIGKILL and the time-outs of CI.
import { createRequire } from 'node:module';

const grace = 5_000;

process.stdin.resume();
process.stdin.once('close', () => {
  setTimeout(() => process.exit(0), grace).unref();
  process.emit('SIGINT'); // Azurite's own way to close its files
});

createRequire(import.meta.url)('azurite/dist/src/azurite.js');
