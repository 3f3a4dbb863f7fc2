package integration

import (
	"errors"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Organisations, projects and tasks, ten entities in three tables.

type pmOrganization struct {
	_ struct{} `entity:"ORGANIZATION" pk:"ORG#{ID}" sk:"DETAILS"`

	ID           string         `dynamodbav:"org_id"`
	Name         string         `dynamodbav:"name"`
	Domain       string         `dynamodbav:"domain"`
	Plan         string         `dynamodbav:"plan_type"`
	MaxUsers     int            `dynamodbav:"max_users"`
	MaxProjects  int            `dynamodbav:"max_projects"`
	CreatedAt    string         `dynamodbav:"created_at"`
	UpdatedAt    string         `dynamodbav:"updated_at"`
	Status       string         `dynamodbav:"status"`
	BillingEmail string         `dynamodbav:"billing_email"`
	Settings     map[string]any `dynamodbav:"settings"`
}

type pmMember struct {
	_ struct{} `entity:"MEMBER" pk:"ORG#{OrgID}" sk:"MEMBER#{UserID}"`

	OrgID       string   `dynamodbav:"org_id"`
	UserID      string   `dynamodbav:"user_id"`
	Email       string   `dynamodbav:"email"`
	FirstName   string   `dynamodbav:"first_name"`
	LastName    string   `dynamodbav:"last_name"`
	Role        string   `dynamodbav:"role"`
	Permissions []string `dynamodbav:"permissions"`
	JoinedAt    string   `dynamodbav:"joined_at"`
	LastActive  string   `dynamodbav:"last_active,omitempty"`
	Status      string   `dynamodbav:"status"`
}

type pmInvite struct {
	_ struct{} `entity:"INVITE" pk:"ORG#{OrgID}" sk:"INVITE#{ID}"`

	OrgID      string `dynamodbav:"org_id"`
	ID         string `dynamodbav:"invite_id"`
	Email      string `dynamodbav:"email"`
	Role       string `dynamodbav:"role"`
	InvitedBy  string `dynamodbav:"invited_by"`
	CreatedAt  string `dynamodbav:"created_at"`
	ExpiresAt  string `dynamodbav:"expires_at"`
	Status     string `dynamodbav:"status"`
	AcceptedAt string `dynamodbav:"accepted_at,omitempty"`
}

type pmProject struct {
	_ struct{} `entity:"PROJECT" pk:"PROJECT#{ID}" sk:"DETAILS"`

	ID          string   `dynamodbav:"project_id"`
	OrgID       string   `dynamodbav:"org_id"`
	Name        string   `dynamodbav:"name"`
	Description string   `dynamodbav:"description,omitempty"`
	Status      string   `dynamodbav:"status"`
	Priority    string   `dynamodbav:"priority"`
	OwnerID     string   `dynamodbav:"owner_id"`
	Team        []string `dynamodbav:"team_members"`
	StartDate   string   `dynamodbav:"start_date,omitempty"`
	DueDate     string   `dynamodbav:"due_date,omitempty"`
	Budget      *float64 `dynamodbav:"budget"`
	Currency    string   `dynamodbav:"currency,omitempty"`
	Tags        []string `dynamodbav:"tags"`
	CreatedAt   string   `dynamodbav:"created_at"`
	UpdatedAt   string   `dynamodbav:"updated_at"`
}

type pmMilestone struct {
	_ struct{} `entity:"MILESTONE" pk:"PROJECT#{ProjectID}" sk:"MILESTONE#{ID}"`

	ProjectID   string `dynamodbav:"project_id"`
	ID          string `dynamodbav:"milestone_id"`
	Title       string `dynamodbav:"title"`
	Description string `dynamodbav:"description,omitempty"`
	DueDate     string `dynamodbav:"due_date"`
	Status      string `dynamodbav:"status"`
	Percentage  int    `dynamodbav:"completion_percentage"`
	CreatedAt   string `dynamodbav:"created_at"`
	CompletedAt string `dynamodbav:"completed_at,omitempty"`
}

type pmOrgProject struct {
	_ struct{} `entity:"ORG_PROJECT" pk:"ORG#{OrgID}" sk:"PROJECT#{CreatedAt}#{ProjectID}"`

	OrgID       string `dynamodbav:"org_id"`
	ProjectID   string `dynamodbav:"project_id"`
	ProjectName string `dynamodbav:"project_name"`
	Status      string `dynamodbav:"status"`
	Priority    string `dynamodbav:"priority"`
	OwnerID     string `dynamodbav:"owner_id"`
	TeamSize    int    `dynamodbav:"team_size"`
	CreatedAt   string `dynamodbav:"created_at"`
	DueDate     string `dynamodbav:"due_date,omitempty"`
}

type pmTask struct {
	_ struct{} `entity:"TASK" pk:"TASK#{ID}" sk:"DETAILS"`

	ID             string   `dynamodbav:"task_id"`
	ProjectID      string   `dynamodbav:"project_id"`
	Title          string   `dynamodbav:"title"`
	Description    string   `dynamodbav:"description,omitempty"`
	Status         string   `dynamodbav:"status"`
	Priority       string   `dynamodbav:"priority"`
	AssigneeID     string   `dynamodbav:"assignee_id,omitempty"`
	ReporterID     string   `dynamodbav:"reporter_id"`
	EstimatedHours *float64 `dynamodbav:"estimated_hours"`
	ActualHours    *float64 `dynamodbav:"actual_hours"`
	DueDate        string   `dynamodbav:"due_date,omitempty"`
	Labels         []string `dynamodbav:"labels"`
	Dependencies   []string `dynamodbav:"dependencies"`
	CreatedAt      string   `dynamodbav:"created_at"`
	UpdatedAt      string   `dynamodbav:"updated_at"`
	CompletedAt    string   `dynamodbav:"completed_at,omitempty"`
}

type pmProjectTask struct {
	_ struct{} `entity:"PROJECT_TASK" pk:"PROJECT#{ProjectID}" sk:"TASK#{Status}#{Priority}#{TaskID}"`

	ProjectID      string   `dynamodbav:"project_id"`
	TaskID         string   `dynamodbav:"task_id"`
	Title          string   `dynamodbav:"title"`
	Status         string   `dynamodbav:"status"`
	Priority       string   `dynamodbav:"priority"`
	AssigneeID     string   `dynamodbav:"assignee_id,omitempty"`
	DueDate        string   `dynamodbav:"due_date,omitempty"`
	EstimatedHours *float64 `dynamodbav:"estimated_hours"`
	CreatedAt      string   `dynamodbav:"created_at"`
}

// The due date is optional, and a part of the key: a missing one is written as Python writes it.
type pmUserTask struct {
	_ struct{} `entity:"USER_TASK" pk:"USER#{UserID}" sk:"TASK#{Status}#{DueDate|or=None}#{TaskID}"`

	UserID         string   `dynamodbav:"user_id"`
	TaskID         string   `dynamodbav:"task_id"`
	ProjectID      string   `dynamodbav:"project_id"`
	Title          string   `dynamodbav:"title"`
	Status         string   `dynamodbav:"status"`
	Priority       string   `dynamodbav:"priority"`
	DueDate        string   `dynamodbav:"due_date,omitempty"`
	EstimatedHours *float64 `dynamodbav:"estimated_hours"`
	AssignedAt     string   `dynamodbav:"assigned_at"`
}

type pmComment struct {
	_ struct{} `entity:"COMMENT" pk:"TASK#{TaskID}" sk:"COMMENT#{CreatedAt}#{ID}"`

	TaskID      string   `dynamodbav:"task_id"`
	ID          string   `dynamodbav:"comment_id"`
	AuthorID    string   `dynamodbav:"author_id"`
	Content     string   `dynamodbav:"content"`
	Type        string   `dynamodbav:"comment_type"`
	CreatedAt   string   `dynamodbav:"created_at"`
	UpdatedAt   string   `dynamodbav:"updated_at,omitempty"`
	Mentions    []string `dynamodbav:"mentions"`
	Attachments []string `dynamodbav:"attachments"`
}

var (
	pmOrgPlan            = expr.String(func(v *pmOrganization) *string { return &v.Plan })
	pmOrgUsers           = expr.Number(func(v *pmOrganization) *int { return &v.MaxUsers })
	pmOrgProjects        = expr.Number(func(v *pmOrganization) *int { return &v.MaxProjects })
	pmMemberOrg          = expr.String(func(v *pmMember) *string { return &v.OrgID })
	pmMemberRole         = expr.String(func(v *pmMember) *string { return &v.Role })
	pmMemberPermissions  = expr.List(func(v *pmMember) *[]string { return &v.Permissions })
	pmInviteOrg          = expr.String(func(v *pmInvite) *string { return &v.OrgID })
	pmInviteStatus       = expr.String(func(v *pmInvite) *string { return &v.Status })
	pmProjectStatus      = expr.String(func(v *pmProject) *string { return &v.Status })
	pmProjectUpdated     = expr.String(func(v *pmProject) *string { return &v.UpdatedAt })
	pmMilestoneProject   = expr.String(func(v *pmMilestone) *string { return &v.ProjectID })
	pmOrgProjectOrg      = expr.String(func(v *pmOrgProject) *string { return &v.OrgID })
	pmTaskStatus         = expr.String(func(v *pmTask) *string { return &v.Status })
	pmTaskHours          = expr.Number(func(v *pmTask) *float64 { return v.ActualHours })
	pmTaskCompleted      = expr.String(func(v *pmTask) *string { return &v.CompletedAt })
	pmProjectTaskProject = expr.String(func(v *pmProjectTask) *string { return &v.ProjectID })
	pmProjectTaskStatus  = expr.String(func(v *pmProjectTask) *string { return &v.Status })
	pmUserTaskUser       = expr.String(func(v *pmUserTask) *string { return &v.UserID })
	pmUserTaskStatus     = expr.String(func(v *pmUserTask) *string { return &v.Status })
	pmCommentTask        = expr.String(func(v *pmComment) *string { return &v.TaskID })
)

func TestModelMCPProjectManagement(t *testing.T) {
	testMCP(t, "project_management", "saas", func(t *testing.T, d *mcpDesign) {
		orgTable, projectTable, taskTable := uniqueTable(t, repo.Table{}), uniqueTable(t, repo.Table{}), uniqueTable(t, repo.Table{})
		orgs, members := openMCP[pmOrganization](t, d, "Organization", orgTable), openMCP[pmMember](t, d, "OrganizationMember", orgTable)
		invites := openMCP[pmInvite](t, d, "OrganizationInvite", orgTable)
		projects, milestones := openMCP[pmProject](t, d, "Project", projectTable), openMCP[pmMilestone](t, d, "ProjectMilestone", projectTable)
		orgProjects := openMCP[pmOrgProject](t, d, "OrganizationProject", projectTable)
		tasks, projectTasks := openMCP[pmTask](t, d, "Task", taskTable), openMCP[pmProjectTask](t, d, "ProjectTask", taskTable)
		userTasks, comments := openMCP[pmUserTask](t, d, "UserTask", taskTable), openMCP[pmComment](t, d, "TaskComment", taskTable)
		d.make(t, "OrganizationTable", orgTable, orgs.repo, members.repo, invites.repo)
		d.make(t, "ProjectTable", projectTable, projects.repo, milestones.repo, orgProjects.repo)
		d.make(t, "TaskTable", taskTable, tasks.repo, projectTasks.repo, userTasks.repo, comments.repo)
		orgs.load(t)
		members.load(t, members.like(mcpRow{"user_id": "user-00001", "role": "member"}), members.like(mcpRow{"org_id": "org-2"}))
		invites.load(t, invites.like(mcpRow{"invite_id": "invite-1", "status": "accepted"}), invites.like(mcpRow{"invite_id": "invite-9", "expires_at": "2024-01-01T00:00:00Z"}))
		projects.load(t, projects.like(mcpRow{"project_id": "project-33333", "budget": nil, "tags": nil}))
		milestones.load(t, milestones.like(mcpRow{"milestone_id": "milestone-1", "completed_at": nil, "completion_percentage": 10}))
		orgProjects.load(t, orgProjects.like(mcpRow{"project_id": "project-1", "created_at": "2024-02-01T00:00:00Z"}), orgProjects.like(mcpRow{"project_id": "project-9", "created_at": "2023-01-01T00:00:00Z", "due_date": nil}))
		tasks.load(t)
		projectTasks.load(t,
			projectTasks.like(mcpRow{"task_id": "task-1", "priority": "low"}), projectTasks.like(mcpRow{"task_id": "task-2", "status": "completed"}),
			projectTasks.like(mcpRow{"task_id": "task-3"}), projectTasks.like(mcpRow{"task_id": "task-4", "status": "in_progress_soon"}))
		userTasks.load(t,
			userTasks.like(mcpRow{"task_id": "task-1", "due_date": "2024-01-20T00:00:00Z"}), userTasks.like(mcpRow{"task_id": "task-2", "due_date": nil}),
			userTasks.like(mcpRow{"task_id": "task-3", "status": "completed"}), userTasks.like(mcpRow{"task_id": "task-4", "user_id": "user-2"}))
		comments.load(t, comments.like(mcpRow{"comment_id": "comment-1", "created_at": "2024-01-16T00:00:00Z"}), comments.like(mcpRow{"comment_id": "comment-9", "created_at": "2024-01-14T00:00:00Z", "mentions": nil}))

		ctx := t.Context()
		ofOrg, ofProject, ofTask, ofUser := rowIs("org_id", "org-12345"), rowIs("project_id", "project-22222"), rowIs("task_id", "task-44444"), rowIs("user_id", "user-11111")
		dueOrNone := func(l mcpList) mcpList { // in order of status and due date, as the key has them
			for i, r := range l {
				if r["due_date"] == nil {
					l[i] = r.with(mcpRow{"due_date": "None"})
				}
			}
			l = l.by("status", "due_date", "task_id")
			for i, r := range l {
				if r["due_date"] == "None" {
					l[i] = r.with(mcpRow{"due_date": nil})
				}
			}
			return l
		}
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := orgs.repo.Get(ctx, pmOrganization{ID: "org-12345"})
				orgs.expectOne(t, v, err, orgs.where(ofOrg)[0])
			},
			2: orgs.creates(orgs.like(mcpRow{"org_id": "org-3", "settings": nil})),
			3: func(t *testing.T) {
				change := orgs.usage.Update
				v, err := orgs.repo.Update(ctx, pmOrganization{ID: "org-12345"}, pmOrgPlan.Set(change.text("plan_type")), pmOrgUsers.Set(change.integer("max_users")), pmOrgProjects.Set(change.integer("max_projects")))
				orgs.updated(t, orgs.usage.Sample, mcpRow{"plan_type": change["plan_type"], "max_users": change["max_users"], "max_projects": change["max_projects"]}, v, err)
			},
			4: func(t *testing.T) {
				members.expect(t, members.repo.Query(pmMemberOrg.Eq("org-12345")).All(ctx), members.where(ofOrg).by("user_id"))
			},
			5: members.creates(members.like(mcpRow{"user_id": "user-99999", "last_active": nil})),
			6: func(t *testing.T) {
				v, err := members.repo.Update(ctx, pmMember{OrgID: "org-12345", UserID: "user-11111"}, pmMemberRole.Set("owner"), pmMemberPermissions.Set([]string{"read", "write", "admin", "owner"}))
				members.updated(t, members.usage.Sample, mcpRow{"role": "owner", "permissions": []string{"read", "write", "admin", "owner"}}, v, err)
			},
			7: func(t *testing.T) {
				invites.expect(t, invites.repo.Query(pmInviteOrg.Eq("org-12345")).Filter(pmInviteStatus.Eq("pending")).All(ctx), invites.where(ofOrg, rowIs("status", "pending")).by("invite_id"))
			},
			8: invites.creates(invites.like(mcpRow{"invite_id": "invite-99999"})),
			9: func(t *testing.T) {
				v, err := projects.repo.Get(ctx, pmProject{ID: "project-22222"})
				projects.expectOne(t, v, err, projects.where(ofProject)[0])
			},
			10: projects.creates(projects.like(mcpRow{"project_id": "project-44444", "currency": nil})),
			11: func(t *testing.T) {
				v, err := projects.repo.Update(ctx, pmProject{ID: "project-22222"}, pmProjectStatus.Set("paused"), pmProjectUpdated.Set("2024-01-12T00:00:00Z"))
				projects.updated(t, projects.usage.Sample, mcpRow{"status": "paused", "updated_at": "2024-01-12T00:00:00Z"}, v, err)
			},
			12: func(t *testing.T) {
				milestones.expect(t, milestones.repo.Query(pmMilestoneProject.Eq("project-22222")).All(ctx), milestones.where(ofProject).by("milestone_id"))
			},
			13: milestones.creates(milestones.like(mcpRow{"milestone_id": "milestone-9"})),
			14: func(t *testing.T) {
				orgProjects.expect(t, orgProjects.repo.Query(pmOrgProjectOrg.Eq("org-12345")).All(ctx), orgProjects.where(ofOrg).by("created_at"))
			},
			15: orgProjects.creates(orgProjects.like(mcpRow{"project_id": "project-44444", "created_at": "2024-01-11T00:00:00Z"})),
			16: func(t *testing.T) {
				v, err := tasks.repo.Get(ctx, pmTask{ID: "task-44444"})
				tasks.expectOne(t, v, err, tasks.where(ofTask)[0])
			},
			17: tasks.creates(tasks.like(mcpRow{"task_id": "task-55555", "labels": []string{}})),
			18: func(t *testing.T) {
				change := tasks.usage.Update
				v, err := tasks.repo.Update(ctx, pmTask{ID: "task-44444"}, pmTaskStatus.Set(change.text("status")), pmTaskHours.Set(change.number("actual_hours")), pmTaskCompleted.Set(change.text("completed_at")))
				tasks.updated(t, tasks.usage.Sample, mcpRow{"status": change["status"], "actual_hours": change["actual_hours"], "completed_at": change["completed_at"]}, v, err)
			},
			19: func(t *testing.T) {
				projectTasks.expect(t, projectTasks.repo.Query(pmProjectTaskProject.Eq("project-22222")).All(ctx), projectTasks.where(ofProject).by("status", "priority", "task_id"))
			},
			20: func(t *testing.T) {
				projectTasks.expect(t, projectTasks.repo.Query(pmProjectTaskProject.Eq("project-22222"), pmProjectTaskStatus.Eq("in_progress")).All(ctx),
					projectTasks.where(ofProject, rowIs("status", "in_progress")).by("priority", "task_id"))
			},
			21: projectTasks.creates(projectTasks.like(mcpRow{"task_id": "task-66666", "estimated_hours": nil})),
			22: func(t *testing.T) {
				userTasks.expect(t, userTasks.repo.Query(pmUserTaskUser.Eq("user-11111")).All(ctx), dueOrNone(userTasks.where(ofUser)))
			},
			23: func(t *testing.T) {
				userTasks.expect(t, userTasks.repo.Query(pmUserTaskUser.Eq("user-11111"), pmUserTaskStatus.Eq("in_progress")).All(ctx), dueOrNone(userTasks.where(ofUser, rowIs("status", "in_progress"))))
			},
			24: func(t *testing.T) {
				userTasks.creates(userTasks.like(mcpRow{"task_id": "task-66666", "due_date": nil}))(t)
				if _, err := userTasks.repo.Put(ctx, userTasks.value(userTasks.like(mcpRow{"task_id": "task-66666", "due_date": "None"}))); !errors.Is(err, repo.ErrInvalidKey) {
					t.Errorf("a due date that reads as none: %v, want ErrInvalidKey", err)
				}
			},
			25: func(t *testing.T) {
				comments.expect(t, comments.repo.Query(pmCommentTask.Eq("task-44444")).All(ctx), comments.where(ofTask).by("created_at"))
			},
			26: comments.creates(comments.like(mcpRow{"comment_id": "comment-66666", "attachments": nil})),
		})
		orgs.changes(t)
		members.changes(t)
		invites.changes(t)
		projects.changes(t)
		milestones.changes(t)
		orgProjects.changes(t)
		tasks.changes(t)
		projectTasks.changes(t)
		userTasks.changes(t)
		comments.changes(t)
	})
}
