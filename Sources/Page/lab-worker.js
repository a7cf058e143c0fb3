// Trains the article's network beside the page, so that the page stays fluid.

import { probe, test, training, wordCount } from "./moods.js";
import { ElmanNetwork } from "./rnn.js";

const pause = 60;

onmessage = ({ data }) => {
	const { hidden, rate, clip, epochs, seed, isSlip, run } = data;
	const network = new ElmanNetwork({ words: wordCount, hidden, classes: 2, seed });
	const check = [false, true].map((slip) => network.check(probe.numbers, probe.label, slip));
	const first = network.backward(probe.numbers, probe.label, isSlip).lengths;
	postMessage({ run, check, first });
	const losses = [];
	const how = { rate, clip, isSlip };
	let reported = performance.now();
	const every = Math.max(Math.floor(epochs / 250), 1);
	for (let epoch = 1; epoch <= epochs; epoch += 1) {
		let loss = 0;
		for (const row of training) loss += network.learn(row.numbers, row.label, how);
		if (epoch === 1 || epoch % every === 0) losses.push({ x: epoch, y: loss / training.length });
		if (performance.now() - reported > pause) {
			reported = performance.now();
			postMessage({ run, losses, accuracy: accuracy(network) });
		}
		if (!Number.isFinite(loss)) break;
	}
	const lengths = network.backward(probe.numbers, probe.label, isSlip).lengths;
	postMessage({ run, losses, accuracy: accuracy(network), lengths, isDone: true });
};

function accuracy(network) {
	const right = test.filter(({ numbers, label }) => {
		const { probabilities } = network.forward(numbers);
		return probabilities[label] > 0.5;
	});
	return right.length / test.length;
}
