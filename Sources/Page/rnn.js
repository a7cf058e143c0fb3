// The article's network, as its equations read, small enough to follow with a finger.
//
//   h_t = tanh(W1[x_t] + h_{t−1}·W2 + b2)      h_0 = 0
//   y   = h_T·W3 + b3                          p = softmax(y)      L = −ln p[label]

/** Numbers in [0, 1) from a seed (mulberry32). */
function random(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** A network with Xavier-uniform weights; matrices are row-major. */
export class ElmanNetwork {
	constructor({ words, hidden, classes, seed }) {
		Object.assign(this, { words, hidden, classes });
		const draw = random(seed);
		const xavier = (rows, columns) => {
			const bound = Math.sqrt(6 / (rows + columns));
			return Float64Array.from({ length: rows * columns }, () => (2 * draw() - 1) * bound);
		};
		this.weights = {
			w1: xavier(words, hidden),
			w2: xavier(hidden, hidden),
			b2: new Float64Array(hidden),
			w3: xavier(hidden, classes),
			b3: new Float64Array(classes),
		};
	}

	/** The states h_0 … h_T and the probabilities of a text; a word that is unknown is no input. */
	forward(text) {
		const { hidden, classes } = this;
		const { w1, w2, b2, w3, b3 } = this.weights;
		const states = [new Float64Array(hidden)];
		for (const word of text) {
			const previous = states[states.length - 1];
			const state = Float64Array.from(b2);
			for (let row = 0; row < hidden; row += 1) {
				const value = previous[row];
				if (value === 0) continue;
				for (let column = 0; column < hidden; column += 1) {
					state[column] += value * w2[row * hidden + column];
				}
			}
			for (let column = 0; column < hidden; column += 1) {
				const input = word < 0 ? 0 : w1[word * hidden + column];
				state[column] = Math.tanh(state[column] + input);
			}
			states.push(state);
		}
		const last = states[states.length - 1];
		const logits = Float64Array.from(b3);
		for (let row = 0; row < hidden; row += 1) {
			for (let k = 0; k < classes; k += 1) logits[k] += last[row] * w3[row * classes + k];
		}
		const most = Math.max(...logits);
		const powers = logits.map((logit) => Math.exp(logit - most));
		const sum = powers.reduce((a, b) => a + b);
		return { states, probabilities: powers.map((power) => power / sum) };
	}

	loss(text, label) {
		return -Math.log(Math.max(this.forward(text).probabilities[label], 1e-300));
	}

	/**
	 * The gradient of the loss, summed over the steps, and the length of ∂L/∂h_t at each step.
	 *
	 *   dy = p − onehot     dh_T = dy·W3ᵀ     δ_t = dh_t ∘ (1 − h_t²)     dh_{t−1} = δ_t·W2ᵀ
	 *
	 * With `isSlip` the last is `δ_t·W2`, as the article's published code has it.
	 */
	backward(text, label, isSlip) {
		const { hidden, classes } = this;
		const { w2, w3 } = this.weights;
		const { states, probabilities } = this.forward(text);
		const gradient = {};
		for (const [name, values] of Object.entries(this.weights)) {
			gradient[name] = new Float64Array(values.length);
		}
		const dy = Float64Array.from(probabilities);
		dy[label] -= 1;
		gradient.b3.set(dy);
		let error = new Float64Array(hidden);
		for (let row = 0; row < hidden; row += 1) {
			for (let k = 0; k < classes; k += 1) {
				gradient.w3[row * classes + k] = states[text.length][row] * dy[k];
				error[row] += dy[k] * w3[row * classes + k];
			}
		}
		const lengths = [];
		for (let step = text.length - 1; step >= 0; step -= 1) {
			lengths.unshift(Math.hypot(...error));
			const [previous, state, word] = [states[step], states[step + 1], text[step]];
			const delta = error.map((value, row) => value * (1 - state[row] * state[row]));
			error = new Float64Array(hidden);
			for (let row = 0; row < hidden; row += 1) {
				gradient.b2[row] += delta[row];
				if (word >= 0) gradient.w1[word * hidden + row] += delta[row];
				let sum = 0;
				for (let column = 0; column < hidden; column += 1) {
					gradient.w2[row * hidden + column] += previous[row] * delta[column];
					sum += delta[column] * w2[isSlip ? column * hidden + row : row * hidden + column];
				}
				error[row] = sum;
			}
		}
		return { gradient, lengths, loss: -Math.log(Math.max(probabilities[label], 1e-300)) };
	}

	/** One step of plain gradient descent on one text, every element clipped to ±`clip`. */
	learn(text, label, { rate, clip, isSlip }) {
		const { gradient, loss } = this.backward(text, label, isSlip);
		for (const [name, values] of Object.entries(this.weights)) {
			const change = gradient[name];
			for (let index = 0; index < values.length; index += 1) {
				values[index] -= rate * Math.min(Math.max(change[index], -clip), clip);
			}
		}
		return loss;
	}

	/**
	 * Holds the gradient against central differences, (L(w + ε) − L(w − ε)) / 2ε.
	 *
	 * Returns for each tensor the largest difference, as a share of the largest of both.
	 */
	check(text, label, isSlip) {
		const { gradient } = this.backward(text, label, isSlip);
		const epsilon = 1e-5;
		return Object.entries(this.weights).map(([name, values]) => {
			let [worst, size] = [0, 1e-12];
			const step = Math.max(Math.floor(values.length / 400), 1);
			for (let index = 0; index < values.length; index += step) {
				const before = values[index];
				values[index] = before + epsilon;
				const above = this.loss(text, label);
				values[index] = before - epsilon;
				const below = this.loss(text, label);
				values[index] = before;
				const difference = (above - below) / (2 * epsilon);
				worst = Math.max(worst, Math.abs(difference - gradient[name][index]));
				size = Math.max(size, Math.abs(difference), Math.abs(gradient[name][index]));
			}
			return { name, error: worst / size };
		});
	}
}
