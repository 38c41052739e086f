package dev.perfkit.compress.servlet;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;

/** A request whose response is finished before its asynchronous handling is completed. */
final class CompressedRequest extends HttpServletRequestWrapper {

  private final CompressedResponse response;

  CompressedRequest(HttpServletRequest request, CompressedResponse response) {
    super(request);
    this.response = response;
  }

  /** Starts with these wrappers: the container's own would hand out the response beneath. */
  @Override
  public AsyncContext startAsync() {
    return startAsync(this, response);
  }

  @Override
  public AsyncContext startAsync(ServletRequest request, ServletResponse other) {
    AsyncContext context = super.startAsync(request, other);
    context.addListener(new AbortOnTrouble(response));
    return new FinishingAsyncContext(context, response);
  }

  @Override
  public AsyncContext getAsyncContext() {
    return new FinishingAsyncContext(super.getAsyncContext(), response);
  }

  /** Frees what a response holds that will not be finished. */
  private record AbortOnTrouble(CompressedResponse response) implements AsyncListener {

    @Override
    public void onComplete(AsyncEvent event) {
      response.abort();
    }

    @Override
    public void onTimeout(AsyncEvent event) {
      // The application may still answer; what follows is completion or an error.
    }

    @Override
    public void onError(AsyncEvent event) {
      response.abort();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
      // The listener is added to each start.
    }
  }
}
