package integration

import (
	"errors"
	"testing"

	"github.com/monotable/monotable/expr"
	"github.com/monotable/monotable/repo"
)

// Tenants who teach, seven entities in one table. Its keys hold numbers as they are.

type learningTenant struct {
	_ struct{} `entity:"ORG" pk:"TENANT#{ID}" sk:"ORG#PROFILE"`

	ID         string `dynamodbav:"tenant_id"`
	Name       string `dynamodbav:"organization_name"`
	Domain     string `dynamodbav:"domain"`
	Plan       string `dynamodbav:"subscription_plan"`
	MaxUsers   int    `dynamodbav:"max_users"`
	MaxCourses int    `dynamodbav:"max_courses"`
	AdminEmail string `dynamodbav:"admin_email"`
	CreatedAt  int    `dynamodbav:"created_at"`
	Status     string `dynamodbav:"status"`
}

type learningUser struct {
	_ struct{} `entity:"USER" pk:"TENANT#{TenantID}#USER#{ID}" sk:"USER#PROFILE"`

	TenantID       string `dynamodbav:"tenant_id"`
	ID             string `dynamodbav:"user_id"`
	Email          string `dynamodbav:"email"`
	FirstName      string `dynamodbav:"first_name"`
	LastName       string `dynamodbav:"last_name"`
	Role           string `dynamodbav:"role"`
	Department     string `dynamodbav:"department,omitempty"`
	JobTitle       string `dynamodbav:"job_title,omitempty"`
	EnrollmentDate int    `dynamodbav:"enrollment_date"`
	LastLogin      *int   `dynamodbav:"last_login"`
	Status         string `dynamodbav:"status"`
}

type learningCourse struct {
	_ struct{} `entity:"COURSE" pk:"TENANT#{TenantID}#COURSE#{ID}" sk:"COURSE#DETAILS"`

	TenantID       string   `dynamodbav:"tenant_id"`
	ID             string   `dynamodbav:"course_id"`
	Title          string   `dynamodbav:"title"`
	Description    string   `dynamodbav:"description"`
	InstructorID   string   `dynamodbav:"instructor_id"`
	InstructorName string   `dynamodbav:"instructor_name"`
	Category       string   `dynamodbav:"category"`
	Difficulty     string   `dynamodbav:"difficulty_level"`
	Hours          int      `dynamodbav:"duration_hours"`
	MaxEnrollments *int     `dynamodbav:"max_enrollments"`
	Prerequisites  []string `dynamodbav:"prerequisites"`
	Tags           []string `dynamodbav:"tags"`
	CreatedAt      int      `dynamodbav:"created_at"`
	UpdatedAt      int      `dynamodbav:"updated_at"`
	Status         string   `dynamodbav:"status"`
}

type learningEnrollment struct {
	_ struct{} `entity:"ENROLLMENT" pk:"TENANT#{TenantID}#USER#{UserID}" sk:"ENROLLMENT#{CourseID}#{Date|plain}"`

	TenantID          string `dynamodbav:"tenant_id"`
	UserID            string `dynamodbav:"user_id"`
	CourseID          string `dynamodbav:"course_id"`
	CourseTitle       string `dynamodbav:"course_title"`
	InstructorName    string `dynamodbav:"instructor_name"`
	Date              int    `dynamodbav:"enrollment_date"`
	CompletionDate    *int   `dynamodbav:"completion_date"`
	Progress          int    `dynamodbav:"progress_percentage"`
	CurrentLesson     string `dynamodbav:"current_lesson,omitempty"`
	Grade             string `dynamodbav:"grade,omitempty"`
	CertificateIssued bool   `dynamodbav:"certificate_issued"`
	Status            string `dynamodbav:"status"`
}

type learningLesson struct {
	_ struct{} `entity:"LESSON" pk:"TENANT#{TenantID}#COURSE#{CourseID}" sk:"LESSON#{Order|plain}#{ID}"`

	TenantID     string `dynamodbav:"tenant_id"`
	CourseID     string `dynamodbav:"course_id"`
	ID           string `dynamodbav:"lesson_id"`
	Order        int    `dynamodbav:"lesson_order"`
	Title        string `dynamodbav:"title"`
	Description  string `dynamodbav:"description"`
	ContentType  string `dynamodbav:"content_type"`
	ContentURL   string `dynamodbav:"content_url,omitempty"`
	Minutes      int    `dynamodbav:"duration_minutes"`
	Mandatory    bool   `dynamodbav:"is_mandatory"`
	QuizRequired bool   `dynamodbav:"quiz_required"`
	PassingScore *int   `dynamodbav:"passing_score"`
	CreatedAt    int    `dynamodbav:"created_at"`
	UpdatedAt    int    `dynamodbav:"updated_at"`
}

type learningProgress struct {
	_ struct{} `entity:"PROGRESS" pk:"TENANT#{TenantID}#USER#{UserID}#COURSE#{CourseID}" sk:"PROGRESS#{LessonID}#{AttemptDate|plain}"`

	TenantID     string `dynamodbav:"tenant_id"`
	UserID       string `dynamodbav:"user_id"`
	CourseID     string `dynamodbav:"course_id"`
	LessonID     string `dynamodbav:"lesson_id"`
	AttemptDate  int    `dynamodbav:"attempt_date"`
	Status       string `dynamodbav:"completion_status"`
	MinutesSpent int    `dynamodbav:"time_spent_minutes"`
	QuizScore    *int   `dynamodbav:"quiz_score"`
	QuizPassed   *bool  `dynamodbav:"quiz_passed"`
	Notes        string `dynamodbav:"notes,omitempty"`
	LastAccessed int    `dynamodbav:"last_accessed"`
}

type learningCertificate struct {
	_ struct{} `entity:"CERTIFICATE" pk:"TENANT#{TenantID}#USER#{UserID}" sk:"CERT#{CourseID}#{IssuedDate|plain}"`

	TenantID         string `dynamodbav:"tenant_id"`
	UserID           string `dynamodbav:"user_id"`
	CourseID         string `dynamodbav:"course_id"`
	ID               string `dynamodbav:"certificate_id"`
	CourseTitle      string `dynamodbav:"course_title"`
	UserName         string `dynamodbav:"user_name"`
	InstructorName   string `dynamodbav:"instructor_name"`
	IssuedDate       int    `dynamodbav:"issued_date"`
	CompletionDate   int    `dynamodbav:"completion_date"`
	FinalGrade       string `dynamodbav:"final_grade"`
	URL              string `dynamodbav:"certificate_url,omitempty"`
	VerificationCode string `dynamodbav:"verification_code"`
	ExpiryDate       *int   `dynamodbav:"expiry_date"`
	Status           string `dynamodbav:"status"`
}

var (
	learningUserRole        = expr.String(func(v *learningUser) *string { return &v.Role })
	learningUserDepartment  = expr.String(func(v *learningUser) *string { return &v.Department })
	learningUserLogin       = expr.Field(func(v *learningUser) **int { return &v.LastLogin })
	learningCourseTitle     = expr.String(func(v *learningCourse) *string { return &v.Title })
	learningCourseText      = expr.String(func(v *learningCourse) *string { return &v.Description })
	learningCourseHours     = expr.Number(func(v *learningCourse) *int { return &v.Hours })
	learningCourseUpdated   = expr.Number(func(v *learningCourse) *int { return &v.UpdatedAt })
	enrollmentTenant        = expr.String(func(v *learningEnrollment) *string { return &v.TenantID })
	enrollmentUser          = expr.String(func(v *learningEnrollment) *string { return &v.UserID })
	enrollmentProgress      = expr.Number(func(v *learningEnrollment) *int { return &v.Progress })
	enrollmentLesson        = expr.String(func(v *learningEnrollment) *string { return &v.CurrentLesson })
	lessonTenant            = expr.String(func(v *learningLesson) *string { return &v.TenantID })
	lessonCourse            = expr.String(func(v *learningLesson) *string { return &v.CourseID })
	lessonProgressTenant    = expr.String(func(v *learningProgress) *string { return &v.TenantID })
	lessonProgressUser      = expr.String(func(v *learningProgress) *string { return &v.UserID })
	lessonProgressCourse    = expr.String(func(v *learningProgress) *string { return &v.CourseID })
	lessonProgressStatus    = expr.String(func(v *learningProgress) *string { return &v.Status })
	lessonProgressMinutes   = expr.Number(func(v *learningProgress) *int { return &v.MinutesSpent })
	certificateTenant       = expr.String(func(v *learningCertificate) *string { return &v.TenantID })
	certificateUser         = expr.String(func(v *learningCertificate) *string { return &v.UserID })
	learningUserKey         = learningUser{TenantID: "tenant-12345", ID: "user-67890"}
	learningCourseKey       = learningCourse{TenantID: "tenant-12345", ID: "course-11111"}
	learningLessonKey       = learningLesson{TenantID: "tenant-12345", CourseID: "course-11111", Order: 1, ID: "lesson-33333"}
	learningEnrollmentKey   = learningEnrollment{TenantID: "tenant-12345", UserID: "user-67890", CourseID: "course-11111", Date: 1705305600}
	learningProgressKey     = learningProgress{TenantID: "tenant-12345", UserID: "user-67890", CourseID: "course-11111", LessonID: "lesson-33333", AttemptDate: 1705737600}
	learningCertificateKey  = learningCertificate{TenantID: "tenant-12345", UserID: "user-67890", CourseID: "course-11111", IssuedDate: 1705737600}
	learningCertificateCode = "VERIFY-12345"
)

func TestModelMCPElearning(t *testing.T) {
	testMCP(t, "elearning", "elearning", func(t *testing.T, d *mcpDesign) {
		table := uniqueTable(t, repo.Table{})
		tenants, users := openMCP[learningTenant](t, d, "TenantOrganization", table), openMCP[learningUser](t, d, "TenantUser", table)
		courses, lessons := openMCP[learningCourse](t, d, "TenantCourse", table), openMCP[learningLesson](t, d, "TenantLesson", table)
		enrollments, progress := openMCP[learningEnrollment](t, d, "TenantEnrollment", table), openMCP[learningProgress](t, d, "TenantProgress", table)
		certificates := openMCP[learningCertificate](t, d, "TenantCertificate", table)
		d.make(t, "ELearningPlatform", table, tenants.repo, users.repo, courses.repo, lessons.repo, enrollments.repo, progress.repo, certificates.repo)
		tenants.load(t)
		users.load(t)
		courses.load(t)
		lessons.load(t,
			lessons.like(mcpRow{"lesson_id": "lesson-44444", "lesson_order": 3, "passing_score": nil}),
			lessons.like(mcpRow{"lesson_id": "lesson-55555", "lesson_order": 2}),
			lessons.like(mcpRow{"lesson_id": "lesson-66666", "lesson_order": 1, "course_id": "course-22222"}))
		enrollments.load(t, enrollments.like(mcpRow{"course_id": "course-22222"}), enrollments.like(mcpRow{"user_id": "user-2", "grade": "B"}))
		progress.load(t,
			progress.like(mcpRow{"lesson_id": "lesson-44444", "quiz_score": nil, "quiz_passed": nil}),
			progress.like(mcpRow{"attempt_date": 1705651200, "quiz_passed": false}),
			progress.like(mcpRow{"course_id": "course-22222"}))
		certificates.load(t, certificates.like(mcpRow{"course_id": "course-00001", "expiry_date": nil}), certificates.like(mcpRow{"tenant_id": "tenant-2"}))

		ctx := t.Context()
		ofTenant, ofUser, ofCourse := rowIs("tenant_id", "tenant-12345"), rowIs("user_id", "user-67890"), rowIs("course_id", "course-11111")
		d.expectAnswers(t, map[int]func(*testing.T){
			1: func(t *testing.T) {
				v, err := tenants.repo.Get(ctx, learningTenant{ID: "tenant-12345"})
				tenants.expectOne(t, v, err, tenants.where(ofTenant)[0])
			},
			2: tenants.creates(tenants.like(mcpRow{"tenant_id": "tenant-3", "domain": "example.com"})),
			3: func(t *testing.T) {
				v, err := users.repo.Get(ctx, learningUserKey)
				users.expectOne(t, v, err, users.where(ofTenant, ofUser)[0])
			},
			4: users.creates(users.like(mcpRow{"user_id": "user-3", "last_login": nil, "job_title": nil})),
			5: func(t *testing.T) {
				change, login := users.usage.Update, users.usage.Update.integer("last_login")
				v, err := users.repo.Update(ctx, learningUserKey, learningUserRole.Set(change.text("role")), learningUserDepartment.Set(change.text("department")), learningUserLogin.Set(&login))
				users.updated(t, users.usage.Sample, mcpRow{"role": change["role"], "department": change["department"], "last_login": login}, v, err)
			},
			6: func(t *testing.T) {
				v, err := courses.repo.Get(ctx, learningCourseKey)
				courses.expectOne(t, v, err, courses.where(ofTenant, ofCourse)[0])
			},
			7: courses.creates(courses.like(mcpRow{"course_id": "course-22222", "tags": []string{}, "prerequisites": nil})),
			8: func(t *testing.T) {
				change := courses.usage.Update
				v, err := courses.repo.Update(ctx, learningCourseKey, learningCourseTitle.Set(change.text("title")), learningCourseText.Set(change.text("description")),
					learningCourseHours.Set(change.integer("duration_hours")), learningCourseUpdated.Set(change.integer("updated_at")))
				courses.updated(t, courses.usage.Sample, mcpRow{
					"title": change["title"], "description": change["description"], "duration_hours": change["duration_hours"], "updated_at": change["updated_at"],
				}, v, err)
			},
			9: func(t *testing.T) {
				enrollments.expect(t, enrollments.repo.Query(enrollmentTenant.Eq("tenant-12345"), enrollmentUser.Eq("user-67890")).All(ctx),
					enrollments.where(ofTenant, ofUser).by("course_id", "enrollment_date"))
			},
			10: enrollments.creates(enrollments.like(mcpRow{"course_id": "course-33333", "current_lesson": nil, "progress_percentage": 0})),
			11: func(t *testing.T) {
				v, err := enrollments.repo.Update(ctx, learningEnrollmentKey, enrollmentProgress.Set(80), enrollmentLesson.Set("lesson-44444"))
				enrollments.updated(t, enrollments.usage.Sample, mcpRow{"progress_percentage": 80, "current_lesson": "lesson-44444"}, v, err)
			},
			12: func(t *testing.T) {
				lessons.expect(t, lessons.repo.Query(lessonTenant.Eq("tenant-12345"), lessonCourse.Eq("course-11111")).All(ctx),
					lessons.where(ofTenant, ofCourse).by("lesson_order"))
			},
			13: func(t *testing.T) {
				v, err := lessons.repo.Get(ctx, learningLessonKey)
				lessons.expectOne(t, v, err, lessons.where(rowIs("lesson_id", "lesson-33333"))[0])
			},
			14: lessons.creates(lessons.like(mcpRow{"lesson_id": "lesson-77777", "lesson_order": 4})),
			15: func(t *testing.T) {
				progress.expect(t, progress.repo.Query(lessonProgressTenant.Eq("tenant-12345"), lessonProgressUser.Eq("user-67890"), lessonProgressCourse.Eq("course-11111")).All(ctx),
					progress.where(ofTenant, ofUser, ofCourse).by("lesson_id", "attempt_date"))
			},
			16: progress.creates(progress.like(mcpRow{"attempt_date": 1705824000, "completion_status": "started"})),
			17: func(t *testing.T) {
				v, err := progress.repo.Update(ctx, learningProgressKey, lessonProgressStatus.Set("mastered"), lessonProgressMinutes.Set(45))
				progress.updated(t, progress.usage.Sample, mcpRow{"completion_status": "mastered", "time_spent_minutes": 45}, v, err)
			},
			18: func(t *testing.T) {
				certificates.expect(t, certificates.repo.Query(certificateTenant.Eq("tenant-12345"), certificateUser.Eq("user-67890")).All(ctx),
					certificates.where(ofTenant, ofUser).by("course_id", "issued_date"))
			},
			19: certificates.creates(certificates.like(mcpRow{"course_id": "course-22222", "certificate_id": "cert-3"})),
			20: func(t *testing.T) {
				v, err := certificates.repo.Get(ctx, learningCertificateKey)
				certificates.expectOne(t, v, err, certificates.where(rowIs("verification_code", learningCertificateCode), ofTenant, ofCourse)[0])
				if v.VerificationCode != learningCertificateCode {
					t.Error("the certificate has another verification code")
				}
				if _, err := certificates.repo.Get(ctx, learningCertificate{TenantID: "tenant-12345", UserID: "user-67890", CourseID: "course-11111"}); !errors.Is(err, repo.ErrNotFound) {
					t.Errorf("a certificate that was never issued: %v, want ErrNotFound", err)
				}
			},
		})
		tenants.changes(t)
		users.changes(t)
		courses.changes(t)
		lessons.changes(t)
		enrollments.changes(t)
		progress.changes(t)
		certificates.changes(t)
	})
}
