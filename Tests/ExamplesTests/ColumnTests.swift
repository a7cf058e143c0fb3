import Examples
import Testing

/// Which columns of a table hold label and text.
@Suite struct ColumnTests {
    private static let two = [
        Example(label: "a", text: "one, two; \"three\""), Example(label: "b", text: "four"),
    ]

    private func read(
        _ text: String,
        _ format: ExampleFormat = .csv,
        _ columns: ColumnOptions = ColumnOptions()
    ) throws(RowErrors) -> [Example] {
        try ExampleReader.read(Array(text.utf8), format: format, columns: columns).examples
    }

    private func refusal(
        _ text: String,
        _ format: ExampleFormat = .csv,
        _ columns: ColumnOptions = ColumnOptions()
    ) -> String {
        do throws(RowErrors) { return "\(try read(text, format, columns))" } catch {
            return "refused: \(error)"
        }
    }

    @Test(
        "finds the delimiter, whatever the format is called",
        arguments: [
            "text;label\n\"one, two; \"\"three\"\"\";a\nfour;b\n",
            "label;text\r\na;\"one, two; \"\"three\"\"\"\r\nb;four\r\n",
            "a|one, two; \"three\"\nb|four\n", "label|id|text\na|1|one, two; \"three\"\nb|2|four\n",
            "label\ttext\na\tone, two; \"three\"\nb\tfour\n",
            "a,\"one, two; \"\"three\"\"\"\nb,four\n",
            "sep=;\ntext;label\n\"one, two; \"\"three\"\"\";a\nfour;b\n",
            "\u{FEFF}\"sep=;\"\r\na;\"one, two; \"\"three\"\"\"\r\nb;four",
            "sep=^\na^one, two; \"three\"\nb^four\n", "sep=\t\na\tone, two; \"three\"\nb\tfour\n",
            "label , text\na, \"one, two; \"\"three\"\"\"\nb,four\n",
        ]
    )
    func findsDelimiters(text: String) throws {
        for format in [ExampleFormat.csv, .tsv] { #expect(try read(text, format) == Self.two) }
    }

    @Test(
        "a delimiter in a text is none",
        arguments: [
            ("billing;my invoice, it is wrong\nbug;the app crashes, again\n", "billing"),
            ("billing,my invoice; it is wrong\nbug,the app crashes; again\n", "billing"),
            ("ask;pay 12,50 now\nask;pay 3,99 now\nbug;cost 1,00\n", "ask"),
            ("x\ta,b,c\ny\tc,d,e\n", "x"), ("x\ta,b\ny\tc,d\n", "x"),
            ("yes|a;b,c\nno|d;e,f\nyes|g\n", "yes"), ("q,what | who\nq,a | b\nr,c | d\n", "q"),
        ]
    )
    func keepsTexts(text: String, first: String) throws {
        let rows = try read(text)
        #expect(rows.first?.label == first && rows.count == text.count { $0 == "\n" })
    }

    @Test(
        "unquotes cells in TSV as Excel and pandas write them",
        arguments: [
            ("label\ttext\na\t\"the \"\"app\"\" crashes\"\nb\tx\n", "the \"app\" crashes"),
            ("\"file\"\t\"text\"\t\"label\"\naa\t\"bb\n2b\"\ta\nff\tcc\tb\n", "bb\n2b"),
            ("label\ttext\na\t\"one\ttwo\"\nb\tx\n", "one\ttwo"),
            ("\"a\"\t\"all quoted\"\n\"b\"\t\"x\"\n", "all quoted"),
            ("label\ttext\r\na\t\"yes, sure\"\r\nb\tx\r\n", "yes, sure"),
            // A stray quote elsewhere does not change that.
            ("a\t\"the \"\"app\"\" crashes\"\nb\tmy 5\" screen\n", "the \"app\" crashes"),
        ]
    )
    func unquotesTSV(text: String, first: String) throws {
        let rows = try read(text, .tsv)
        #expect(rows.first == Example(label: "a", text: first) && rows.count == 2)
    }

    @Test(
        "a text in TSV that contains a quote, or begins with one, survives",
        arguments: [
            "my 5\" screen", "\"open and no end", "\"hello\" he said", "\"", "\"\"",
            "he said \"no\"",
            "\"a\" or \"b\"", "end\"",
        ]
    )
    func keepsQuotes(text: String) throws {
        let rows = try read("a\t\(text)\nb\tx\na\t\(text)\nb\t\"\n", .tsv)
        #expect(rows.map(\.text) == [text, "x", text, "\""])
    }

    @Test(
        "drops empty columns and rows behind the others",
        arguments: [
            "v1,v2,,,\r\na,\"one, two; \"\"three\"\"\",,,\r\nb,four,,,\r\n,,,,\r\n",
            "a,\"one, two; \"\"three\"\"\",,\nb,four,,\n,,\n",
            "text;label;;\n\"one, two; \"\"three\"\"\";a;;\nfour;b\n;;;\n",
        ]
    )
    func dropsEmptyColumns(text: String) throws { #expect(try read(text) == Self.two) }

    @Test(
        "knows many names, in any case, with blanks and quotes",
        arguments: [
            "label,text", "Category,Message", "CLASS,Sentence", "intent,utterance", "tag,query",
            "target,question", "sentiment,review", "topic,content", "y,x", "v1,v2",
            " Label , Text ",
            "\"labels\",\"documents\"", "Intent-Name,body", "emotion,tweet",
            "label\u{A0},description",
            "category,title", "polarity,comment",
        ]
    )
    func knowsNames(header: String) throws {
        #expect(try read("\(header)\na,one\nb,two\n").map(\.label) == ["a", "b"])
        let names = header.split(separator: ",")
        let swapped = "id,\(names[1]),\(names[0])\n1,one,a\n2,two,b\n"
        #expect(try read(swapped).map(\.text) == ["one", "two"])
    }

    @Test(
        "the exact names win; else two candidates or a name that stands twice are refused",
        arguments: [
            ("category,label,text\nx,a,one\n", nil), ("title,text,label\nx,one,a\n", nil),
            ("text,TITLE,Tag,label\none,x,y,a\n", nil),
            ("title,body,label\none,x,a\n", "\"title\" (column 1) and \"body\" (column 2)"),
            (
                "category,intent,text\na,x,one\n",
                "\"category\" (column 1) and \"intent\" (column 2)"
            ),
            ("label,text,label\na,one,x\n", "\"label\" (column 1) and \"label\" (column 3)"),
            ("Text,label,text\none,a,x\n", "\"Text\" (column 1) and \"text\" (column 3)"),
        ] as [(String, String?)]
    )
    func choosesNames(text: String, problem: String?) throws {
        guard let problem else {
            #expect(try read(text) == [Example(label: "a", text: "one")])
            return
        }
        let refusal = refusal(text)
        #expect(refusal.contains(problem) && refusal.contains("_column="), "\(refusal)")
    }

    private static let unknown =
        "stars,opinion\npos,good film\nneg,bad film\npos,nice film\nneg,no\n"

    @Test(
        "a header with unknown names is refused with the way out",
        arguments: [
            unknown,
            "grade;feedback_text\n5;i like it\n1;never again\n5;well done\n1;a lot of noise\n",
            "stars,opinion\npos,good film\nneg,bad film\npos,nice film\nneg,no\n"
                + "stars,opinion\npos,x y\n",
            "\u{6807}\u{7B7E},\u{6587}\u{672C}\n\u{597D},\u{4ECA}\u{5929}\u{5F88}\u{597D}\n"
                + "\u{574F},\u{4E0D}\u{597D}\u{5417}\n\u{597D},\u{5929}\u{6C14}\u{5F88}\n"
                + "\u{574F},\u{4E00}\u{70B9}\u{4E0D}\n",
            "Grp|Customer words\na|my invoice is wrong again\nb|the app crashes\n"
                + "a|please pay me back\n"
                + "b|it crashes when i start\n",
        ]
    )
    func refusesUnknownHeaders(text: String) {
        let refusal = refusal(text)
        #expect(refusal.contains("never returns while others repeat"), "\(refusal)")
        #expect(refusal.contains("header=yes") && refusal.contains("header=no"))
    }

    @Test(
        "what is no header is none",
        arguments: [
            "greet,hello\nbye,ciao\n", "greet,hello\nbye,ciao\nask,why\nyes,sure\nno,never\n",
            "ask,how much is it?\npos,good film\nneg,bad film\npos,nice film\nneg,awful film\n",
            "a,x\nb,y\na,z\nb,w\n", "new_label,a text of some words\na,x y\nb,y z\na,z a\nb,w b\n",
            "a,hello\nb,hello\n", "a,x\na,y\n", "pos,good\npos,bad\nneg,nice\nneg,no\n",
        ]
    )
    func acceptsRows(text: String) throws {
        #expect(try read(text).count == text.count { $0 == "\n" })
    }

    @Test("header=yes and header=no are obeyed")
    func obeysHeader() throws {
        let yes = ColumnOptions(hasHeader: true)
        let no = ColumnOptions(hasHeader: false)
        #expect(try read(Self.unknown, .csv, yes).map(\.label) == ["pos", "neg", "pos", "neg"])
        #expect(try read(Self.unknown, .csv, no).first?.label == "stars")
        #expect(try read("label,text\na,x\n", .csv, no).first?.label == "label")
        #expect(refusal("m,n,o\na,x,y\n", .csv, yes).contains("label_column="))
        #expect(refusal("{}", .jsonLines, no).contains("only CSV and TSV have a header"))
    }

    @Test("label_column and text_column name any column, by name or number")
    func obeysColumns() throws {
        let table = "id,said,Group Name\n1,one,a\n2,two,b\n"
        func labels(_ label: String?, _ text: String?, _ hasHeader: Bool? = nil) throws -> [String]
        {
            try read(table, .csv, .init(label: label, text: text, hasHeader: hasHeader))
                .map { "\($0.label)=\($0.text)" }
        }
        #expect(try labels("Group Name", "said") == ["a=one", "b=two"])
        #expect(try labels("group_name", "SAID") == ["a=one", "b=two"])
        #expect(try labels("3", "2", true) == ["a=one", "b=two"])
        #expect(try labels("3", "2", false) == ["Group Name=said", "a=one", "b=two"])
        #expect(refusal(table).contains("\"id\", \"said\", \"Group Name\""))
        let wrong = refusal(table, .csv, .init(label: "colour", text: "said"))
        #expect(wrong.contains("no column or member \"colour\"") && wrong.contains("\"said\""))
        let offline = refusal(table, .csv, .init(spelling: .commandLine))
        #expect(offline.contains("--label-column="))
        // A number says nothing of a header.
        #expect(try read("one,a\ntwo,b\n", .csv, .init(label: "2")).map(\.label) == ["a", "b"])
        #expect(try read("text,grp\none,a\n", .csv, .init(label: "2")).map(\.label) == ["a"])
        let swapped = "opinion,stars\ngood film,pos\nbad film,neg\nnice film,pos\nno film,neg\n"
        #expect(refusal(swapped).contains("label_column=2"))
        let numbered = refusal(swapped, .csv, .init(label: "2", text: "1"))
        #expect(numbered.contains("looks like a header with unknown names"), "\(numbered)")
        let told = try read(swapped, .csv, .init(label: "2", text: "1", hasHeader: true))
        #expect(told.map(\.label) == ["pos", "neg", "pos", "neg"])
        // One that is named leaves the other of two.
        #expect(try read("said,grp\none,a\n", .csv, .init(label: "grp")).first?.text == "one")
        #expect(try read("one,a\ntwo,b\n", .csv, .init(label: "2", text: "1")).count == 2)
    }

    @Test(
        "columns that seem swapped are refused",
        arguments: [
            "my invoice is wrong,billing\nthe app crashes,bug\nrefund me,billing\nit hangs,bug\n",
            "label,text\nmy invoice is wrong,a\nthe app crashes,a\nrefund me,b\nit hangs up,b\n",
            (0..<40).map { "a text that says \($0)\tgroup\($0 % 3)\n" }.joined(),
        ]
    )
    func refusesSwapped(text: String) throws {
        let answer = refusal(text)
        let column = text.hasPrefix("label,text") ? "text" : "2"
        #expect(answer.contains("seem swapped"), "\(answer)")
        #expect(answer.contains("label_column=\(column) "), "\(answer)")
        #expect(try read(text, .csv, .init(label: "2", text: "1")).count >= 4)
    }

    @Test(
        "rows that do not fit the header are named",
        arguments: [
            ("label,text\na,x,y\n", "line 2: the row has 3 columns, expected 2 as in the header"),
            (
                "label,text\na\n",
                "line 2: the row has 1 column, expected 2 as in the header; a comma"
            ),
            ("label,text\n\n", "line 1: there is a header and no row below it"),
            (
                "[{\"text\":\"a\",\"label\":\"b\"}]",
                "looks like JSON, not CSV; if it is that, say format=jsonl"
            ),
            ("__label__a x\n", "looks like fastText lines, not CSV"),
            ("just one\nand another\n", "line 1: the row has 1 column, expected label,text"),
            ("a;x;1\nb;y;2\n", "the rows have 3 columns; say which hold label and text"),
            ("foo,bar,baz\n1,a,x\n2,b,y\n", "\"foo\", \"bar\", \"baz\""),
            ("notes,text\na,one\n", "has no column for the label"),
        ]
    )
    func namesRows(text: String, problem: String) {
        let refusal = refusal(text)
        #expect(refusal.contains(problem), "\(refusal)")
    }
}
