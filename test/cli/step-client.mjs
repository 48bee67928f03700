/**
 * A step as a shell sees it: hands arguments, variables and standard input to the process that listens on $STEPS, prints
 * what the step printed there, and ends as it ended. Plain, because a shell starts it more than a hundred times.
 */
import { connect } from "node:net";

const args = process.argv.slice(2);
const socket = connect(process.env.STEPS);
socket.write(`${JSON.stringify({ args, environment: process.env })}\n`);
process.stdin.pipe(socket);
let answer = "";
for await (const chunk of socket.setEncoding("utf8")) answer += chunk;
process.stdin.destroy();
const { code, stdout, stderr } = JSON.parse(answer);
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
