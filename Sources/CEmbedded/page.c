#include "CEmbedded.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

// Names follow the files of Sources/Page; a test compares the two.
static const unsigned char api_js[] = {
#embed "../Page/api.js"
};
static const unsigned char base_css[] = {
#embed "../Page/base.css"
};
static const unsigned char chart_js[] = {
#embed "../Page/chart.js"
};
static const unsigned char compare_js[] = {
#embed "../Page/compare.js"
};
static const unsigned char controls_css[] = {
#embed "../Page/controls.css"
};
static const unsigned char corrections_js[] = {
#embed "../Page/corrections.js"
};
static const unsigned char data_js[] = {
#embed "../Page/data.js"
};
static const unsigned char dialog_js[] = {
#embed "../Page/dialog.js"
};
static const unsigned char dom_js[] = {
#embed "../Page/dom.js"
};
static const unsigned char examples_js[] = {
#embed "../Page/examples.js"
};
static const unsigned char follow_js[] = {
#embed "../Page/follow.js"
};
static const unsigned char format_js[] = {
#embed "../Page/format.js"
};
static const unsigned char golden_js[] = {
#embed "../Page/golden.js"
};
static const unsigned char heat_js[] = {
#embed "../Page/heat.js"
};
static const unsigned char icon_svg[] = {
#embed "../Page/icon.svg"
};
static const unsigned char index_html[] = {
#embed "../Page/index.html"
};
static const unsigned char inside_js[] = {
#embed "../Page/inside.js"
};
static const unsigned char lab_worker_js[] = {
#embed "../Page/lab-worker.js"
};
static const unsigned char lab_js[] = {
#embed "../Page/lab.js"
};
static const unsigned char main_js[] = {
#embed "../Page/main.js"
};
static const unsigned char moods_js[] = {
#embed "../Page/moods.js"
};
static const unsigned char notices_js[] = {
#embed "../Page/notices.js"
};
static const unsigned char panels_css[] = {
#embed "../Page/panels.css"
};
static const unsigned char preview_js[] = {
#embed "../Page/preview.js"
};
static const unsigned char report_js[] = {
#embed "../Page/report.js"
};
static const unsigned char review_js[] = {
#embed "../Page/review.js"
};
static const unsigned char rnn_js[] = {
#embed "../Page/rnn.js"
};
static const unsigned char rows_js[] = {
#embed "../Page/rows.js"
};
static const unsigned char run_js[] = {
#embed "../Page/run.js"
};
static const unsigned char session_js[] = {
#embed "../Page/session.js"
};
static const unsigned char settings_js[] = {
#embed "../Page/settings.js"
};
static const unsigned char snippets_js[] = {
#embed "../Page/snippets.js"
};
static const unsigned char teach_js[] = {
#embed "../Page/teach.js"
};
static const unsigned char threshold_js[] = {
#embed "../Page/threshold.js"
};
static const unsigned char tile_js[] = {
#embed "../Page/tile.js"
};
static const unsigned char token_js[] = {
#embed "../Page/token.js"
};
static const unsigned char try_js[] = {
#embed "../Page/try.js"
};
static const unsigned char versions_js[] = {
#embed "../Page/versions.js"
};
static const unsigned char words_js[] = {
#embed "../Page/words.js"
};
static const unsigned char work_css[] = {
#embed "../Page/work.css"
};

static const embedded_file files[] = {
    {"api.js", api_js, sizeof api_js},
    {"base.css", base_css, sizeof base_css},
    {"chart.js", chart_js, sizeof chart_js},
    {"compare.js", compare_js, sizeof compare_js},
    {"controls.css", controls_css, sizeof controls_css},
    {"corrections.js", corrections_js, sizeof corrections_js},
    {"data.js", data_js, sizeof data_js},
    {"dialog.js", dialog_js, sizeof dialog_js},
    {"dom.js", dom_js, sizeof dom_js},
    {"examples.js", examples_js, sizeof examples_js},
    {"follow.js", follow_js, sizeof follow_js},
    {"format.js", format_js, sizeof format_js},
    {"golden.js", golden_js, sizeof golden_js},
    {"heat.js", heat_js, sizeof heat_js},
    {"icon.svg", icon_svg, sizeof icon_svg},
    {"index.html", index_html, sizeof index_html},
    {"inside.js", inside_js, sizeof inside_js},
    {"lab-worker.js", lab_worker_js, sizeof lab_worker_js},
    {"lab.js", lab_js, sizeof lab_js},
    {"main.js", main_js, sizeof main_js},
    {"moods.js", moods_js, sizeof moods_js},
    {"notices.js", notices_js, sizeof notices_js},
    {"panels.css", panels_css, sizeof panels_css},
    {"preview.js", preview_js, sizeof preview_js},
    {"report.js", report_js, sizeof report_js},
    {"review.js", review_js, sizeof review_js},
    {"rnn.js", rnn_js, sizeof rnn_js},
    {"rows.js", rows_js, sizeof rows_js},
    {"run.js", run_js, sizeof run_js},
    {"session.js", session_js, sizeof session_js},
    {"settings.js", settings_js, sizeof settings_js},
    {"snippets.js", snippets_js, sizeof snippets_js},
    {"teach.js", teach_js, sizeof teach_js},
    {"threshold.js", threshold_js, sizeof threshold_js},
    {"tile.js", tile_js, sizeof tile_js},
    {"token.js", token_js, sizeof token_js},
    {"try.js", try_js, sizeof try_js},
    {"versions.js", versions_js, sizeof versions_js},
    {"words.js", words_js, sizeof words_js},
    {"work.css", work_css, sizeof work_css},
};

const embedded_file *embedded_page(void) { return files; }

size_t embedded_page_count(void) { return sizeof files / sizeof *files; }
