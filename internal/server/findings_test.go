package server_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"chartroom/internal/access"
)

type listedFindings struct {
	Items []struct {
		ID, Rule, State, Says, Reason, Action string
		Evidence                              []struct {
			Document, Words string
			Start, End      int
		}
	}
}

// TestFindingsInTheChart: findings stand in the chart and beside the words they rest
// on; one is waived by form and by the API, and comes back.
func TestFindingsInTheChart(t *testing.T) {
	h := newHouse(t)
	if err := h.dept.Deficiency.AnalyseNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, record := h.encounter(t, "p05-pneumonia-allergy")
	list := func(who access.Role) (out listedFindings) {
		h.json(t, http.MethodGet, "/api/v1/records/"+record+"/findings", h.tokens[who], nil, http.StatusOK, &out)
		return out
	}
	all := list(access.Technician)
	at := func(rule string) int {
		for i, f := range all.Items {
			if f.Rule == rule {
				return i
			}
		}
		t.Fatalf("no finding of %s", rule)
		return 0
	}
	f := all.Items[at("A16")]
	if f.State != "open" || len(f.Evidence) == 0 || f.Evidence[0].Words != "No known drug allergies" {
		t.Fatalf("%+v", f)
	}

	boss := h.signIn(t, "mdrummond")
	page := func(path string) string {
		answer := h.call(t, http.MethodGet, path, "", nil, "Cookie", boss.String())
		if answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d", path, answer.StatusCode)
		}
		return string(answer.Text)
	}
	if text := page("/chart/" + record); !strings.Contains(text, `id="finding-`+f.ID+`"`) || !strings.Contains(text, "No known drug allergies") {
		t.Error("the chart does not show the finding with its words")
	}
	doc := "/chart/" + record + "/documents/" + f.Evidence[0].Document
	if text := page(doc); !strings.Contains(text, `<mark class="finding-mark warn" id="words-`+f.ID) || !strings.Contains(text, `id="finding-`+f.ID+`"`) {
		t.Error("the document does not show the finding beside its words")
	}

	form := url.Values{"reason": {"the patient says otherwise"}, "document": {f.Evidence[0].Document}}
	answer := h.call(t, http.MethodPost, "/chart/"+record+"/findings/"+f.ID+"/waive", "", strings.NewReader(form.Encode()),
		"Cookie", boss.String(), "Content-Type", "application/x-www-form-urlencoded", "Origin", h.http.URL)
	if answer.StatusCode != http.StatusSeeOther || answer.Header.Get("Location") != doc+"#findings" {
		t.Fatalf("waive by form: %d to %s", answer.StatusCode, answer.Header.Get("Location"))
	}
	if all = list(access.Supervisor); all.Items[at("A16")].State != "waived" || all.Items[at("A16")].Reason == "" {
		t.Errorf("after waiving: %+v", all.Items[at("A16")])
	}
	path := "/api/v1/records/" + record + "/findings/" + f.ID
	h.json(t, http.MethodPost, path+"/waive", h.tokens[access.Supervisor], map[string]string{"reason": "again"}, http.StatusConflict, nil)
	h.json(t, http.MethodPost, path+"/restore", h.tokens[access.Supervisor], nil, http.StatusOK, nil)
	h.json(t, http.MethodPost, path+"/waive", h.tokens[access.Coder], map[string]string{"reason": "no"}, http.StatusForbidden, nil)
	h.json(t, http.MethodPost, path+"/ask", h.tokens[access.Technician], nil, http.StatusOK, nil)

	_, other := h.encounter(t, "c02-heart-failure")
	h.json(t, http.MethodPost, "/api/v1/records/"+other+"/findings/"+f.ID+"/waive", h.tokens[access.Supervisor], map[string]string{"reason": "wrong record"}, http.StatusNotFound, nil)
}

// TestWaivingIsOfferedToWhoMay: who lacks the privilege is not led to a refusal, and
// looking leaves no refusal on the log.
func TestWaivingIsOfferedToWhoMay(t *testing.T) {
	h := newHouse(t)
	if err := h.dept.Deficiency.AnalyseNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, record := h.encounter(t, "p05-pneumonia-allergy")
	for login, want := range map[string]bool{"mdrummond": true, "tpelletier": false, "nbellweather": true} {
		answer := h.call(t, http.MethodGet, "/chart/"+record, "", nil, "Cookie", h.signIn(t, login).String())
		if answer.StatusCode != http.StatusOK || !strings.Contains(string(answer.Text), `id="finding-`) {
			t.Fatalf("%s: %d, or no findings", login, answer.StatusCode)
		}
		if got := strings.Contains(string(answer.Text), "data-finding-waive"); got != want {
			t.Errorf("%s is offered waiving: %v", login, got)
		}
	}
}

// TestStanding: the figures answer whoever leads, and lead to their cases.
func TestStanding(t *testing.T) {
	h := newHouse(t)
	if err := h.dept.Deficiency.AnalyseNow(t.Context()); err != nil {
		t.Fatal(err)
	}
	var figures struct {
		Open   int
		ByRule []struct {
			Value string
			N     int
		} `json:"by_rule"`
	}
	h.json(t, http.MethodGet, "/api/v1/order", h.tokens[access.Supervisor], nil, http.StatusOK, &figures)
	if figures.Open == 0 || len(figures.ByRule) < 40 {
		t.Fatalf("%+v", figures)
	}
	var page listedFindings
	h.json(t, http.MethodGet, "/api/v1/order/findings?limit=200&rule="+figures.ByRule[0].Value, h.tokens[access.Supervisor], nil, http.StatusOK, &page)
	if len(page.Items) != figures.ByRule[0].N {
		t.Errorf("%d cases behind the figure %d", len(page.Items), figures.ByRule[0].N)
	}
}
