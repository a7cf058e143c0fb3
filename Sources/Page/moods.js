// A task of the article's kind: is a sentence happy or sad?

const taught = `good:1 bad:0 happy:1 sad:0 not good:0 not bad:1 not happy:0 not sad:1 very good:1
very bad:0 very happy:1 very sad:0 i am happy:1 this is good:1 i am bad:0 this is bad:0
i am sad:0 this is sad:0 i am not happy:0 this is not good:0 i am not bad:1 this is not sad:1
i am very happy:1 this is very good:1 i am very bad:0 this is very sad:0 i am good not bad:1
this is good not bad:1 i am bad not good:0 this is not at all sad:1 i am not at all good:0
this is good right now:1 this is bad right now:0 i was good earlier:1 i was bad earlier:0
i am very bad right now:0 this is very good right now:1 this was bad earlier:0
this was very good earlier:1 i was not happy and not good earlier:0
i am not at all bad or sad right now:1`;
const asked = `this is happy:1 i am good:1 this is not happy:0 i am not good:0 this is not bad:1
i am not sad:1 i am very good:1 i am very sad:0 this is bad not good:0
i am not good and not happy:0 i am not at all sad:1 this is not at all good:0
this is not at all bad:1 i am sad right now:0 this was good earlier:1
this was not sad earlier:1`;

const words = new Map();

function rows(source, isTaught) {
	return source
		.replaceAll("\n", " ")
		.split(/(?<=:[01]) /)
		.map((row) => {
			const [text, label] = row.split(":");
			const numbers = text.split(" ").map((word) => {
				if (isTaught && !words.has(word)) words.set(word, words.size);
				return words.get(word) ?? -1;
			});
			return { text, label: Number(label), numbers };
		});
}

export const training = rows(taught, true);
export const test = rows(asked, false);
export const wordCount = words.size;
/** A long sentence, to see how far back the gradient reaches. */
export const probe = training.at(-1);
