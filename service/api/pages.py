"""The pages: a form to send documents, and the report that answers it. No script is needed."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import HTMLResponse
from starlette.requests import Request

from models.scorer import PROFILES
from service.api.answers import screen_sample, screen_upload
from service.api.problems import language_of
from service.report.html import report_page, upload_page
from service.settings import Settings

router = APIRouter(include_in_schema=False)


@router.get("/")
async def home(request: Request) -> HTMLResponse:
    """Show the form."""
    request.state.page = True
    settings: Settings = request.app.state.settings
    language = language_of(request)
    page = upload_page(
        language,
        profiles=PROFILES,
        max_files=settings.synchronous.max_files,
        max_bytes=settings.synchronous.max_total_bytes,
    )
    return HTMLResponse(page, headers={"Content-Language": language})


@router.post("/screen")
async def screen(request: Request) -> HTMLResponse:
    """Answer the form with a report."""
    request.state.page = True
    screening = await screen_upload(request)
    language = language_of(request)
    page = report_page(screening, language, home=f"/?lang={language}")
    return HTMLResponse(page, headers={"Content-Language": language})


@router.get("/sample")
async def sample(request: Request) -> HTMLResponse:
    """Show the report of the sample tender."""
    request.state.page = True
    language = language_of(request)
    page = report_page(await screen_sample(request), language, home=f"/?lang={language}")
    return HTMLResponse(page, headers={"Content-Language": language})
