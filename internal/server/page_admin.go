package server

import (
	"net/http"
	"slices"
	"strings"

	"chartroom/codes/codeset"
	"chartroom/internal/access"
	"chartroom/internal/gate"
	"chartroom/internal/ui"
)

// adminPage shows who works here, the API tokens and the code sets.
func adminPage(s *Server, w http.ResponseWriter, r *http.Request) {
	s.showAdmin(w, r, http.StatusOK, ui.Admin{})
}

// showAdmin reads what the page shows; said holds what an action has to say.
func (s *Server) showAdmin(w http.ResponseWriter, r *http.Request, status int, said ui.Admin) {
	ctx, actor := r.Context(), actorOf(r.Context())
	view := said
	people, err := s.dept.Access.Staff(ctx, actor)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	z := s.zone()
	for _, p := range people {
		view.People = append(view.People, ui.AdminPerson{
			ID: p.ID, Login: p.Login, Name: p.Name, Roles: roleNames(p.Roles), Units: strings.Join(p.Units, ", "), Active: p.Active, Since: z.Date(p.MadeAt),
		})
	}
	tokens, err := s.dept.Access.Tokens(ctx, actor)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	for _, t := range tokens {
		view.Tokens = append(view.Tokens, ui.AdminToken{
			ID: t.ID, Name: t.Name, Role: string(t.Role), Made: z.Date(t.MadeAt), By: s.nameOf(ctx, t.MadeBy), Used: z.Minute(t.UsedAt), Revoked: z.Date(t.Revoked),
		})
	}
	for _, system := range []codeset.System{codeset.ICD10CM, codeset.ICD10PCS, codeset.HCPCS} {
		for _, e := range slices.Backward(s.dept.Library.Editions(system)) {
			view.Editions = append(view.Editions, ui.AdminEdition{
				System: e.System.String(), Name: e.Name, From: e.From.Format("2006-01-02"), To: e.To.Format("2006-01-02"),
				Codes: e.Codes, Billable: e.Billable, Source: e.Source, Checksum: e.Checksum,
			})
		}
	}
	for _, role := range access.Roles() {
		view.Roles = append(view.Roles, string(role))
	}
	view.MayManage = holds(actor, access.Administrator)
	s.show(w, r, status, ui.AdminPage(s.frame(r, "Administration", "/administration"), view))
}

func roleNames(roles []access.Role) []string {
	names := make([]string, 0, len(roles))
	for _, r := range roles {
		names = append(names, string(r))
	}
	return names
}

// rolesOf reads the roles of a posted form.
func rolesOf(r *http.Request) ([]access.Role, error) {
	roles := []access.Role{}
	for _, name := range r.PostForm["role"] {
		role, err := access.ParseRole(name)
		if err != nil {
			return nil, unusable("There is no such role.")
		}
		roles = append(roles, role)
	}
	return roles, nil
}

// done leads back to the page after an action, or says what was wrong with it.
func (s *Server) done(w http.ResponseWriter, r *http.Request, err error) {
	if err == nil {
		s.names.forget()
		http.Redirect(w, r, "/administration", http.StatusSeeOther)
		return
	}
	f := s.faultOf(r.Context(), err)
	text := f.text
	if f.status == http.StatusInternalServerError && strings.HasPrefix(err.Error(), "access: ") {
		f.status, text = http.StatusUnprocessableEntity, plain(err) // package access writes for people
	}
	s.showAdmin(w, r, f.status, ui.Admin{Fault: ui.Upper1(text)})
}

func addPerson(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.permitted(r.Context(), access.ActionManage, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	units := []string{}
	for unit := range strings.SplitSeq(r.PostForm.Get("units"), ",") {
		if unit = strings.TrimSpace(unit); unit != "" {
			units = append(units, unit)
		}
	}
	roles, err := rolesOf(r)
	if err != nil {
		s.done(w, r, err)
		return
	}
	_, err = s.dept.Access.AddStaff(r.Context(), actorOf(r.Context()), access.NewStaff{
		Login: r.PostForm.Get("login"), Name: r.PostForm.Get("name"), Roles: roles, Units: units, Password: r.PostForm.Get("password"),
	})
	s.done(w, r, err)
}

func changePerson(s *Server, w http.ResponseWriter, r *http.Request) {
	roles, err := rolesOf(r)
	if err != nil {
		s.done(w, r, err)
		return
	}
	_, err = s.dept.Access.ChangeStaff(r.Context(), actorOf(r.Context()), r.PathValue("person"), func(p *access.Staff) {
		p.Roles, p.Active = roles, r.PostForm.Get("active") == "1"
	})
	s.done(w, r, err)
}

// addToken makes an API token and shows its secret, once.
func addToken(s *Server, w http.ResponseWriter, r *http.Request) {
	if err := s.permitted(r.Context(), access.ActionTokenCreate, gate.Department()); err != nil {
		s.fail(w, r, err)
		return
	}
	name := strings.TrimSpace(r.PostFormValue("name"))
	role := access.Role("")
	if chosen := r.PostFormValue("role"); chosen != "" {
		parsed, err := access.ParseRole(chosen)
		if err != nil {
			s.done(w, r, unusable("There is no such role."))
			return
		}
		role = parsed
	}
	if len(name) > 100 {
		s.done(w, r, unusable("The name of a token has at most 100 characters."))
		return
	}
	// A day that cannot be read must not become a token without an end.
	expires := fromForm(r.PostFormValue("expires"), s.opt.Zone)
	if r.PostFormValue("expires") != "" && !expires.After(s.opt.Now()) {
		s.done(w, r, unusable("The last day of a token is a day to come, written YYYY-MM-DD."))
		return
	}
	secret, _, err := s.dept.Access.CreateToken(r.Context(), actorOf(r.Context()), name, role, expires)
	if err != nil {
		s.done(w, r, err)
		return
	}
	s.showAdmin(w, r, http.StatusCreated, ui.Admin{Secret: secret, SecretOf: name})
}

func revokeToken(s *Server, w http.ResponseWriter, r *http.Request) {
	s.done(w, r, s.dept.Access.RevokeToken(r.Context(), actorOf(r.Context()), r.PathValue("token")))
}
